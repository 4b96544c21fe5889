/**
 * Spans of database operations, few of them: for each shape of operation the first twenty of a call have a span each,
 * and all that follow share one, with their number and total time. A loop over a thousand documents then costs 21 spans.
 */
import { recordError } from "../../../core/api.js";
import type { CallSpan } from "../../../core/callSpan.js";
import type { Attributes } from "../../../core/types.js";
import {
  CONVEX_DB_AGGREGATED_COUNT,
  CONVEX_DB_AGGREGATED_DURATION,
  CONVEX_DB_INDEX_NAME,
  CONVEX_DB_QUERY_FINGERPRINT,
  CONVEX_DB_QUERY_SCAN,
  DB_COLLECTION_NAME,
  DB_OPERATION_NAME,
  DB_QUERY_SUMMARY,
  DB_RESPONSE_RETURNED_ROWS,
  DB_SYSTEM_NAME,
} from "../../../semconv/attributes.js";
import type { TracedCall } from "./tracedCall.js";

/** Single spans for each shape of operation in one call. */
export const MAX_SPANS_PER_OPERATION = 20;

/** One database operation. */
export interface DbOperation {
  /** `get`, `query`, `insert`, `patch`, `replace`, `delete`, `search`. */
  readonly name: string;
  /** Absent where only an id was given: an id does not tell its table. */
  readonly table?: string | undefined;
  readonly index?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly isFullScan?: boolean;
}

/** Ends the recording of one operation. */
export interface RunningOperation {
  succeeded(documents?: number): void;
  failed(thrown: unknown): void;
}

const NOT_RECORDED: RunningOperation = { succeeded() {}, failed() {} };

interface Group {
  count: number;
  rest: Aggregate | undefined;
}

interface Aggregate {
  readonly span: CallSpan;
  count: number;
  documents: number | undefined;
  milliseconds: number;
  lastEnd: number | undefined;
}

/** Records the database operations of one call. */
export class DbSpans {
  readonly #call: TracedCall;
  readonly #groups = new Map<string, Group>();

  constructor(call: TracedCall) {
    this.#call = call;
  }

  start(operation: DbOperation): RunningOperation {
    if (this.#call.activeSpan?.isRecording() !== true) return NOT_RECORDED;
    const key = `${operation.name} ${operation.fingerprint ?? operation.table ?? ""}`;
    let group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, (group = { count: 0, rest: undefined }));
    group.count++;
    return group.count > MAX_SPANS_PER_OPERATION ? this.#addToRest(group, operation) : this.#startSingle(operation);
  }

  /**
   * Runs an operation in a span. `documents` counts what it returned. Operations of `ctx.db` are asynchronous; the result
   * of anything else, a mock for example, is passed through.
   */
  trace(operation: DbOperation, fn: () => unknown, documents: (result: unknown) => number | undefined): unknown {
    const running = this.start(operation);
    const result = fn();
    if (!(result instanceof Promise)) return result;
    return result.then(
      (value: unknown) => {
        running.succeeded(documents(value));
        return value;
      },
      (thrown: unknown) => {
        running.failed(thrown);
        throw thrown;
      },
    );
  }

  #startSingle(operation: DbOperation): RunningOperation {
    const span = this.#call.startSpan(spanName(operation), { kind: "client", attributes: attributesOf(operation) });
    return {
      succeeded(documents) {
        if (documents !== undefined) span?.setAttribute(DB_RESPONSE_RETURNED_ROWS, documents);
        span?.end();
      },
      failed(thrown) {
        recordError(thrown, span);
        span?.end();
      },
    };
  }

  /** The aggregate hangs on the entry span: what it stands for may have happened anywhere in the call. */
  #addToRest(group: Group, operation: DbOperation): RunningOperation {
    const { clock, recorder } = this.#call;
    if (recorder === undefined) return NOT_RECORDED;
    const rest = (group.rest ??= newAggregate(recorder.entry, operation));
    const start = clock.now();
    const note = (documents?: number) => {
      const end = clock.now();
      rest.count++;
      if (documents !== undefined) rest.documents = (rest.documents ?? 0) + documents;
      rest.milliseconds += end - start;
      rest.lastEnd = end;
    };
    return {
      succeeded: note,
      failed(thrown) {
        note();
        recordError(thrown, rest.span);
      },
    };
  }

  /** Ends the aggregates; called when the call ends. */
  finish(): void {
    for (const { rest } of this.#groups.values()) {
      rest?.span.setAttributes({
        [CONVEX_DB_AGGREGATED_COUNT]: rest.count,
        [CONVEX_DB_AGGREGATED_DURATION]: Math.round(rest.milliseconds * 1e3) / 1e6,
        [DB_RESPONSE_RETURNED_ROWS]: rest.documents,
      });
      rest?.span.end(rest.lastEnd);
    }
  }
}

function newAggregate(entry: CallSpan, operation: DbOperation): Aggregate {
  const span = entry.startChild(spanName(operation), { kind: "client", attributes: attributesOf(operation) });
  return { span, count: 0, documents: undefined, milliseconds: 0, lastEnd: undefined };
}

function spanName({ name, table }: DbOperation): string {
  return table === undefined ? name : `${name} ${table}`;
}

function attributesOf(operation: DbOperation): Attributes {
  const { name, table, index, fingerprint, isFullScan } = operation;
  return {
    [DB_SYSTEM_NAME]: "convex",
    [DB_OPERATION_NAME]: name,
    [DB_COLLECTION_NAME]: table,
    [DB_QUERY_SUMMARY]: spanName(operation),
    [CONVEX_DB_INDEX_NAME]: index,
    [CONVEX_DB_QUERY_FINGERPRINT]: fingerprint,
    [CONVEX_DB_QUERY_SCAN]: isFullScan === true ? "full_table" : undefined,
  };
}
