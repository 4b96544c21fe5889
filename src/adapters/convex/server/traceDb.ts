/** Where the tracing of a database begins. Apart from the context, for most functions that are not mutations have none. */
import { DbSpans } from "./dbSpans.js";
import type { TracedCall } from "./tracedCall.js";
import { tracedDb } from "./tracedDb.js";

/** A traced database, and what must be finished when the call ends. */
export interface TracedDatabase {
  readonly db: object;
  finish(): void;
}

/** Traces the database of one call. */
export function traceDb(call: TracedCall, db: object): TracedDatabase {
  const spans = new DbSpans(call);
  return { db: tracedDb(db, spans), finish: () => spans.finish() };
}
