/**
 * A database query under construction, traced. Convex's query builders are classes without hard-private fields, so a
 * proxy can stand in front of them; `instanceof`, by which Convex refuses a query as a result, sees through it.
 *
 * The span covers the reading: it starts when the query is consumed, not when it is built.
 */
import type { DbOperation, DbSpans, RunningOperation } from "./dbSpans.js";
import { conditionsOf, fingerprintOf, type QueryShape, scansTable } from "./queryShape.js";

type Method = (...args: unknown[]) => unknown;

/** Wraps a query whose shape is known so far. */
export function tracedQuery<Q extends object>(query: Q, shape: QueryShape, spans: DbSpans): Q {
  let iteration: Iteration | undefined;
  return new Proxy(query, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      const method: Method = (...args) => Reflect.apply(member, target, args);
      if (typeof name === "string" && Object.hasOwn(CONSUMERS, name)) return traceConsumer(name, method, shape, spans);
      if (name === Symbol.asyncIterator || name === "next" || name === "return") {
        iteration ??= new Iteration(shape, spans);
        return iteration.method(name, method);
      }
      return (...args: unknown[]) => derive(method, String(name), args, shape, spans);
    },
  });
}

/** How many documents each consuming method returned, told by its result. */
const CONSUMERS: Readonly<Record<string, (result: unknown) => number>> = {
  collect: countOf,
  take: countOf,
  first: (result) => (result === null ? 0 : 1),
  unique: (result) => (result === null ? 0 : 1),
  paginate: (result) => countOf((result as { readonly page?: unknown } | null)?.page),
};

function countOf(result: unknown): number {
  return Array.isArray(result) ? result.length : 0;
}

function traceConsumer(name: string, method: Method, shape: QueryShape, spans: DbSpans): Method {
  const documents = CONSUMERS[name] ?? countOf;
  return (...args) => spans.trace(operationOf(shape, name === "collect"), () => method(...args), documents);
}

/** A step that makes a new query out of the one before; anything else is passed through. */
function derive(method: Method, name: string, args: unknown[], shape: QueryShape, spans: DbSpans): unknown {
  let conditions: string[] = [];
  const [first, build] = args;
  const isSource = name === "withIndex" || name === "withSearchIndex";
  if (isSource && typeof build === "function") {
    args[1] = (builder: unknown) => {
      const built: unknown = Reflect.apply(build, undefined, [builder]);
      conditions = conditionsOf(built);
      return built;
    };
  }
  const next = method(...args);
  if (typeof next !== "object" || next === null || next instanceof Promise) return next;
  return tracedQuery(next, nextShape(shape, name, first, conditions), spans);
}

function nextShape(shape: QueryShape, step: string, first: unknown, conditions: readonly string[]): QueryShape {
  switch (step) {
    case "withIndex":
      return { ...shape, source: { kind: "index", name: String(first), conditions } };
    case "withSearchIndex":
      return { ...shape, source: { kind: "search", name: String(first), conditions } };
    case "filter":
      return { ...shape, isFiltered: true };
    case "order":
      return { ...shape, order: String(first) };
    default:
      return shape;
  }
}

function operationOf(shape: QueryShape, isWholeResult: boolean): DbOperation {
  const { source, table } = shape;
  return {
    name: source.kind === "search" ? "search" : "query",
    table,
    index: source.kind === "table" ? undefined : source.name,
    fingerprint: fingerprintOf(shape),
    isFullScan: scansTable(shape, isWholeResult),
  };
}

/** `for await (const document of query)`: one span from the first document asked for to the last one read. */
class Iteration {
  readonly #shape: QueryShape;
  readonly #spans: DbSpans;
  #running: RunningOperation | undefined;
  #documents = 0;

  constructor(shape: QueryShape, spans: DbSpans) {
    this.#shape = shape;
    this.#spans = spans;
  }

  method(name: string | symbol, original: Method): Method {
    if (name === Symbol.asyncIterator) return () => this.#iterator(original());
    return name === "next" ? () => this.#next(original) : (...args) => this.#stop(original, args);
  }

  /** An uncollected query iterates itself; one of a whole table hands out another object. */
  #iterator(iterator: unknown): unknown {
    if (typeof iterator !== "object" || iterator === null) return iterator;
    return new Proxy(iterator, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        const method: Method = (...args) => Reflect.apply(member, target, args);
        return name === "next" || name === "return" || name === Symbol.asyncIterator
          ? this.method(name, method)
          : member;
      },
    });
  }

  async #next(original: Method): Promise<unknown> {
    this.#running ??= this.#spans.start(operationOf(this.#shape, false));
    try {
      const result = (await original()) as { readonly done?: boolean };
      if (result.done === true) this.#running.succeeded(this.#documents);
      else this.#documents++;
      return result;
    } catch (thrown) {
      this.#running.failed(thrown);
      throw thrown;
    }
  }

  #stop(original: Method, args: unknown[]): unknown {
    this.#running?.succeeded(this.#documents);
    return original(...args);
  }
}
