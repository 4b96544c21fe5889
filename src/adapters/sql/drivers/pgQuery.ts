/** One call of `query` of node-postgres, in each of its forms: with a callback, as a promise, or of an object that submits itself. */
import { callerContext } from "../../../core/callerContext.js";
import { observe } from "../../../core/observe.js";
import { hasMethod, patchMethod } from "../../../core/patchMethod.js";
import { commented } from "./comment.js";
import { returnedRows } from "./postgresResult.js";
import type { RunningQuery } from "./querySpan.js";
import type { SqlClient } from "./sqlClient.js";
import { outside } from "./state.js";

/** Query configs, and objects that submit themselves (`pg-cursor`, `pg-query-stream`, `new Query()`). */
export interface PgConfig {
  readonly text?: unknown;
  readonly values?: unknown;
  /** Of a prepared statement. */
  readonly name?: unknown;
  readonly callback?: unknown;
  /** Of a stream: what it reads from. */
  readonly cursor?: { readonly text?: unknown; readonly values?: unknown };
}

/** The members of the first argument; none of a text. */
export function configOf(first: unknown): PgConfig {
  return typeof first === "object" && first !== null ? first : {};
}

/** The text of a statement, if the call has one. */
export function textOf(first: unknown): unknown {
  if (typeof first === "string") return first;
  const config = configOf(first);
  return config.text ?? config.cursor?.text;
}

/** The values of a statement that are in its config. A cursor without any says null. */
export function valuesOf(first: unknown): unknown {
  const { values, cursor } = configOf(first);
  return values ?? cursor?.values ?? undefined;
}

/** Whether an object submits itself, and is told each message of the server. */
export function isSubmittable(first: unknown): first is object {
  return typeof first === "object" && first !== null && hasMethod(first, "submit");
}

type Send = (args: readonly unknown[]) => unknown;

/** Makes the call and ends its span when it is answered. */
export function runPgQuery(client: SqlClient, query: RunningQuery, args: readonly unknown[], send: Send): unknown {
  const first = args[0];
  if (isSubmittable(first)) {
    watchSubmittable(query, first);
    return observe(
      () => send(args),
      (outcome) => "thrown" in outcome && query.end(outcome),
    );
  }
  const callbackAt = args.findIndex((arg, at) => at > 0 && typeof arg === "function");
  const own = configOf(first).callback;
  const config = withComment(client, query, first);
  if (callbackAt >= 0) {
    const callback = endingCallback(query, args[callbackAt]);
    return failing(query, () => send(args.with(callbackAt, callback).with(0, config)));
  }
  if (typeof own === "function") {
    const called = derived(config as object, { callback: endingCallback(query, own) });
    return failing(query, () => send(args.with(0, called)));
  }
  const sent = config === first ? args : args.with(0, config);
  return observe(
    () => send(sent),
    (outcome) => query.end(outcome, "value" in outcome ? returnedRows(outcome.value) : undefined),
  );
}

/** Ends the span where the call itself throws; otherwise the callback will. */
function failing(query: RunningQuery, send: () => unknown): unknown {
  return observe(send, (outcome) => {
    if ("thrown" in outcome) query.end(outcome);
  });
}

/** The callback, called as it would be, in what was active when it was given. */
function endingCallback(query: RunningQuery, callback: unknown): (...args: unknown[]) => unknown {
  const inContext = callerContext();
  return function (this: unknown, ...args: unknown[]): unknown {
    const [thrown, result] = args;
    const hasFailed = thrown !== null && thrown !== undefined;
    query.end(hasFailed ? { thrown } : { value: result }, hasFailed ? undefined : returnedRows(result));
    return inContext(() => outside((): unknown => Reflect.apply(callback as () => unknown, this, args)));
  };
}

/** Never in a prepared statement: the server keeps it by its text. */
function withComment(client: SqlClient, query: RunningQuery, first: unknown): unknown {
  if (typeof first === "string") return commented(client, first, query);
  const { text, name } = configOf(first);
  const isNamed = name !== undefined && name !== null && name !== "";
  if (isNamed || typeof text !== "string") return first;
  const replaced = commented(client, text, query);
  return replaced === text ? first : derived(first as object, { text: replaced });
}

/** An object like the one given, but for some members. Those of a class may be computed, so that it cannot be copied. */
function derived(config: object, members: Readonly<Record<string, unknown>>): object {
  const own = Object.entries(members).map(([name, value]) => {
    return [name, { value, writable: true, enumerable: true, configurable: true }];
  });
  return Object.create(config, Object.fromEntries(own) as PropertyDescriptorMap) as object;
}

/** Node-postgres tells such an object each message of the server: rows are counted as they come, to the end or to a `close()`. */
function watchSubmittable(query: RunningQuery, submittable: object): void {
  let rows: number | undefined;
  patchMethod(submittable, "handleRowDescription", (handle) => {
    rows ??= 0;
    return handle();
  });
  patchMethod(submittable, "handleDataRow", (handle) => {
    rows = (rows ?? 0) + 1;
    return handle();
  });
  patchMethod(submittable, "handleError", (handle, [thrown]) => {
    query.end({ thrown });
    return handle();
  });
  patchMethod(submittable, "handleReadyForQuery", (handle) => {
    query.end({ value: undefined }, rows);
    return handle();
  });
}
