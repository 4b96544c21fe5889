/**
 * A backend on which transactions run at the same time, as on Convex: they begin, read, write and commit in virtual time, and whoever
 * has read what another has written meanwhile runs again. convex-test runs one after the other, and looks at every document for every query.
 *
 * What is real: the functions, their calls, what they read and write, and requests. What is simulated: the database, which is in memory
 * and checks no schema; how long things take; jobs; the clock. Functions of the app and the component run in this process.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { convexToJson, type JSONValue, jsonToConvex, type Value } from "convex/values";
import { type Bound, type Fields, type StoredDocument, Tables } from "./tables.js";
import { type Job, Transaction, type Usage } from "./transaction.js";
import { VirtualTime } from "./virtualTime.js";

/** How long things take, in milliseconds. */
export interface Latencies {
  /** Until a function runs. */
  readonly start: number;
  /** A query or the first document of one, a document by id, a write. */
  readonly operation: number;
  /** Each further document of a query. */
  readonly next: number;
  readonly commit: number;
  /** A request, from one end to the other. */
  readonly request: number;
}

export const NO_LATENCY: Latencies = { start: 0, operation: 0, next: 0, commit: 0, request: 0 };

/** Modules by name: `claim` is what has `claim:claim`. */
export type Modules = Readonly<Record<string, object>>;

export interface BackendOptions {
  /** By component; that of the app is `""`. */
  readonly modules: Readonly<Record<string, Modules>>;
  readonly now: number;
  readonly latencies: Latencies;
  /** 0 to 1: how latencies vary, by half to one and a half. */
  readonly random: () => number;
}

/** What became of one function. */
export interface Called {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Attempts that were lost, and to whom. */
  readonly conflicts: readonly string[];
  readonly error: string | undefined;
  readonly usage: Usage;
}

/** On whose behalf code runs. */
interface Frame {
  readonly component: string;
  readonly name: string;
  /** Absent in actions. */
  readonly transaction?: Transaction;
  readonly isSnapshot: boolean;
}

type OpenStream = ReturnType<Transaction["query"]> & { isStarted: boolean };

interface Address {
  readonly name?: string;
  readonly reference?: string;
}

type Invoke = (argsJson: string) => Promise<string>;

const MAX_RETRIES = 4;

/** Nobody tries without end what an action or a user calls. */
type Retries = "without end" | "a few times";

export class Backend {
  readonly calls: Called[] = [];
  readonly tables = new Tables();
  readonly time: VirtualTime;
  readonly #options: BackendOptions;
  readonly #frames = new AsyncLocalStorage<Frame>();
  readonly #open = new Set<Transaction>();
  readonly #streams = new Map<number, OpenStream>();
  readonly #restore: () => void;
  #creationTime = 0;
  #nextStream = 0;
  #jobs = 0;

  constructor(options: BackendOptions) {
    this.#options = options;
    this.time = new VirtualTime(options.now);
    this.#restore = this.#install();
  }

  /** Jobs that run or are due. */
  get jobs(): number {
    return this.#jobs;
  }

  /** The documents of a table that are there now. */
  documents(table: string): StoredDocument[] {
    return [...this.tables.scan(table, [], this.tables.ts)];
  }

  /** A mutation that a user calls. */
  async mutation(name: string, args: Record<string, Value>, component = ""): Promise<Value> {
    return parse(await this.#mutation(component, name, JSON.stringify([convexToJson(args)]), "a few times"));
  }

  /** A query, with the time that it takes. */
  async query(name: string, component = ""): Promise<Value> {
    const transaction = this.#begin();
    const call = { component, name, argsJson: "[{}]", type: "Query" } as const;
    let result: string | undefined;
    void this.#attempt(call, transaction).then((json) => (result = json));
    while (result === undefined) await this.time.pass(1);
    this.#open.delete(transaction);
    const full = [component, name].filter(Boolean).join("/");
    const { startMs, usage } = transaction;
    this.calls.push({ name: full, startMs, endMs: this.time.now, conflicts: [], error: undefined, usage });
    return parse(result);
  }

  /** A job that somebody has scheduled before. */
  schedule(component: string, name: string, args: Record<string, Value>, at: number): void {
    this.#schedule({ component, name, argsJson: JSON.stringify([convexToJson(args)]), at });
  }

  close(): void {
    this.#restore();
    // Up to Node.js 22, each promise of the process copies the values of all storages that are not disabled.
    this.#frames.disable();
  }

  // ---- Functions

  async #mutation(component: string, name: string, argsJson: string, retries: Retries): Promise<string> {
    const startMs = this.time.now;
    const conflicts: string[] = [];
    const full = [component, name].filter(Boolean).join("/");
    const end = ({ usage }: Transaction, error?: string) =>
      void this.calls.push({ name: full, startMs, endMs: this.time.now, conflicts, error, usage });
    for (let attempt = 0; ; attempt++) {
      await this.#take("start");
      const transaction = this.#begin();
      try {
        const result = await this.#attempt({ component, name, argsJson, type: "Mutation" }, transaction);
        await this.#take("commit");
        const conflict = transaction.commit(full);
        if (conflict === undefined) {
          for (const job of transaction.jobs) this.#schedule(job);
          end(transaction);
          return result;
        }
        conflicts.push(`${conflict.table} of ${conflict.writer}`);
      } catch (error) {
        end(transaction, String(error));
        throw error;
      } finally {
        this.#open.delete(transaction);
        this.tables.forget(Math.min(this.tables.ts, ...[...this.#open].map(({ beginTs }) => beginTs)));
      }
      if (attempt === MAX_RETRIES && retries === "a few times") {
        end(transaction, "in conflict");
        throw new Error("in conflict on every retry");
      }
      // INITIAL_BACKOFF and MAX_BACKOFF of `crates/common/src/knobs.rs`: UDF_EXECUTOR_OCC_*.
      await this.time.sleep(this.#vary(Math.min(100 * 2 ** attempt, 2_000)));
    }
  }

  #begin(): Transaction {
    const transaction = new Transaction(this.tables, this.time.now, () => this.#newCreationTime());
    this.#open.add(transaction);
    return transaction;
  }

  async #attempt(
    {
      component,
      name,
      argsJson,
      type,
    }: { component: string; name: string; argsJson: string; type: "Query" | "Mutation" },
    transaction: Transaction,
    isSnapshot = false,
  ): Promise<string> {
    const invoke = this.#function(component, name, type);
    return this.#frames.run({ component, name, transaction, isSnapshot }, () => invoke(argsJson));
  }

  #function(component: string, name: string, type: "Query" | "Mutation" | "Action"): Invoke {
    const [module = "", exported = "default"] = name.split(":");
    const registered: unknown = Reflect.get(this.#options.modules[component]?.[module] ?? {}, exported);
    const invoke: unknown = registered && Reflect.get(registered, `invoke${type}`);
    if (typeof invoke !== "function") throw new Error(`there is no ${type} ${component}/${name}`);
    return (argsJson) => (type === "Action" ? invoke("", argsJson) : invoke(argsJson)) as Promise<string>;
  }

  #schedule(job: Job): void {
    this.#jobs += 1;
    this.time.at(job.at, () => void this.#run(job).finally(() => (this.#jobs -= 1)));
  }

  /** Actions run at most once, mutations until they have. */
  async #run({ component, name, argsJson }: Job): Promise<void> {
    const [module = "", exported = ""] = name.split(":");
    const registered = Reflect.get(this.#options.modules[component]?.[module] ?? {}, exported) as { isAction?: true };
    const run = registered.isAction
      ? this.#action(component, name, argsJson)
      : this.#mutation(component, name, argsJson, "without end");
    await run.catch(() => undefined);
  }

  async #action(component: string, name: string, argsJson: string): Promise<void> {
    const startMs = this.time.now;
    let error: string | undefined;
    try {
      await this.#take("start");
      const invoke = this.#function(component, name, "Action");
      await this.#frames.run({ component, name, isSnapshot: false }, () => invoke(argsJson));
    } catch (thrown) {
      error = String(thrown);
    }
    const usage = { documentsRead: 0, documentsWritten: 0 };
    this.calls.push({ name: `${component}/${name}`, startMs, endMs: this.time.now, conflicts: [], error, usage });
  }

  // ---- Their calls

  async #asyncSyscall(frame: Frame, op: string, json: string): Promise<JSONValue> {
    const args = JSON.parse(json) as Record<string, JSONValue> & Address;
    const { transaction, isSnapshot } = frame;
    if (op === "1.0/actions/mutation") {
      const { component, name } = target(frame, args);
      return JSON.parse(
        await this.#mutation(component, name, JSON.stringify([args["args"]]), "a few times"),
      ) as JSONValue;
    }
    if (op === "1.0/getFunctionMetadata") return { name: frame.name, componentPath: frame.component };
    if (transaction === undefined) throw new Error(`Unknown async operation ${op}`);
    switch (op) {
      case "1.0/get":
        await this.#take("operation");
        return documentJson(transaction.get(text(args["id"]), isSnapshot));
      case "1.0/insert": {
        await this.#take("operation");
        return { _id: transaction.insert(text(args["table"]), jsonToConvex(args["value"]!) as Fields) };
      }
      case "1.0/replace": {
        await this.#take("operation");
        transaction.replace(text(args["id"]), jsonToConvex(args["value"]!) as Fields);
        return null;
      }
      case "1.0/remove": {
        await this.#take("operation");
        transaction.replace(text(args["id"]), null);
        return null;
      }
      case "1.0/queryStreamNext":
        return this.#next(Number(args["queryId"]));
      case "1.0/schedule": {
        await this.#take("operation");
        const { component, name } = target(frame, args);
        transaction.jobs.push({
          component,
          name,
          at: Number(args["ts"]) * 1_000,
          argsJson: JSON.stringify([args["args"]]),
        });
        return `job ${this.#jobs}`;
      }
      case "1.0/runUdf":
        return this.#nested(frame, transaction, args);
      default:
        throw new Error(`Unknown async operation ${op}`);
    }
  }

  async #nested(frame: Frame, transaction: Transaction, args: Record<string, JSONValue> & Address): Promise<JSONValue> {
    const { component, name } = target(frame, args);
    const type = args["udfType"] === "mutation" ? "Mutation" : "Query";
    const isSnapshot = frame.isSnapshot || args["udfType"] === "snapshotQuery";
    const undo = transaction.savepoint();
    try {
      const call = { component, name, type, argsJson: JSON.stringify([args["args"]]) } as const;
      return JSON.parse(await this.#attempt(call, transaction, isSnapshot)) as JSONValue;
    } catch (error) {
      undo();
      throw error;
    }
  }

  #syscall({ transaction, isSnapshot }: Frame, op: string, json: string): JSONValue {
    if (op === "1.0/queryCleanup") {
      this.#streams.delete((JSON.parse(json) as { queryId: number }).queryId);
      return null;
    }
    if (op !== "1.0/queryStream" || transaction === undefined) throw new Error(`Unknown operation ${op}`);
    const { query } = JSON.parse(json) as { query: QueryJson };
    const { source, operators } = query;
    const table = source.tableName ?? source.indexName?.split(".")[0] ?? "";
    const limit = Math.min(Infinity, ...operators.map((operator) => operator.limit));
    const bounds = (source.range ?? []).map(boundOf);
    const queryId = this.#nextStream++;
    this.#streams.set(queryId, { ...transaction.query(table, bounds, limit, isSnapshot), isStarted: false });
    return { queryId };
  }

  async #next(queryId: number): Promise<JSONValue> {
    const stream = this.#streams.get(queryId);
    if (stream === undefined) throw new Error(`there is no query ${queryId}`);
    await this.#take(stream.isStarted ? "next" : "operation");
    stream.isStarted = true;
    const document = stream.next();
    return { value: documentJson(document), done: document === undefined };
  }

  // ---- The world

  async #take(what: keyof Latencies): Promise<void> {
    await this.time.sleep(this.#vary(this.#options.latencies[what]));
  }

  #vary(ms: number): number {
    return ms === 0 ? 0 : ms * (0.5 + this.#options.random());
  }

  /** As Convex's, it is unique and grows. A transaction takes it when it begins, and is seen when it commits. */
  #newCreationTime(): number {
    const { startMs } = this.#frames.getStore()?.transaction ?? { startMs: this.time.now };
    this.#creationTime += 1;
    return startMs + (this.#creationTime % 10_000) / 10_000;
  }

  #frame(): Frame {
    const frame = this.#frames.getStore();
    if (frame === undefined) throw new Error("outside of all functions");
    return frame;
  }

  /** What functions find in their globals. */
  #install(): () => void {
    const { fetch } = globalThis;
    const { now } = Date;
    const before = Reflect.get(globalThis, "Convex") as unknown;
    const host = {
      syscall: (op: string, json: string) => JSON.stringify(this.#syscall(this.#frame(), op, json)),
      asyncSyscall: async (op: string, json: string) =>
        JSON.stringify(await this.#asyncSyscall(this.#frame(), op, json)),
    };
    Reflect.set(globalThis, "Convex", host);
    globalThis.fetch = async (...request) => {
      const { status, headers, body } = await this.time.whileStanding(async () => {
        const response = await fetch(...request);
        return { status: response.status, headers: response.headers, body: await response.arrayBuffer() };
      });
      await this.#take("request");
      return new Response(body, { status, headers });
    };
    Date.now = () => this.#frames.getStore()?.transaction?.startMs ?? this.time.now;
    return () => {
      Reflect.set(globalThis, "Convex", before);
      globalThis.fetch = fetch;
      Date.now = now;
    };
  }
}

interface QueryJson {
  readonly source: { readonly tableName?: string; readonly indexName?: string; readonly range?: readonly RangeJson[] };
  readonly operators: readonly { readonly limit: number }[];
}

interface RangeJson {
  readonly type: Bound["comparison"];
  readonly fieldPath: string;
  readonly value: JSONValue;
}

function boundOf({ type, fieldPath, value }: RangeJson): Bound {
  return { field: fieldPath, comparison: type, value: jsonToConvex(value) };
}

function target({ component }: Frame, { name, reference }: Address): { component: string; name: string } {
  if (name !== undefined) return { component, name };
  const [, child = "", ...path] = reference?.replace("_reference/", "").split("/") ?? [];
  return { component: child, name: `${path.slice(0, -1).join("/")}:${path.at(-1) ?? ""}` };
}

function text(value: JSONValue | undefined): string {
  if (typeof value !== "string") throw new Error("not a string");
  return value;
}

function documentJson(document: StoredDocument | undefined): JSONValue {
  if (document === undefined) return null;
  const { id, creationTime, fields } = document;
  return convexToJson({ ...fields, _id: id, _creationTime: creationTime });
}

function parse(json: string): Value {
  return jsonToConvex(JSON.parse(json) as JSONValue);
}
