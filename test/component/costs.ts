/** What calls of the strict runtime cost, in the units that Convex counts: `docs/cost.md` is made of this. */
import { getConvexSize, getDocumentSize, jsonToConvex, type Value } from "convex/values";
import type { StrictCall, StrictDocument } from "../../src/testing/strict/index.js";

/** What tracing adds. */
export interface Cost {
  /** Functions that Convex starts: jobs, and what actions call. What a query or mutation calls is part of it, and no call. */
  readonly calls: number;
  /** Documents and their bytes; a job is a document with its arguments. */
  readonly written: number;
  readonly writtenBytes: number;
  readonly read: number;
  readonly readBytes: number;
  readonly deleted: number;
  readonly deletedBytes: number;
  /** Requests that actions wait for: each makes an action as much longer as the endpoint takes. */
  readonly requests: number;
}

/**
 * Adds up.
 *
 * @param isOwn - Whether a call is the app's, and would be there without tracing. What it reads and writes counts all the same: the
 * functions of the app do nothing.
 */
export function costOf(calls: readonly StrictCall[], isOwn: (call: StrictCall) => boolean): Cost {
  const started = calls.filter(({ parent }) => parent === undefined || !isTransactional(parent));
  // The write set of a call holds those of the calls nested in it. Jobs are counted by what was asked for, as actions do, too.
  const writes = started.flatMap(({ writeSet }) => writeSet).filter(({ table }) => table !== "_scheduled_functions");
  const written = writes.map(({ after }) => after).filter((document) => document !== undefined);
  const deleted = writes
    .filter(({ after }) => after === undefined)
    .map(({ before }) => before)
    .filter((document) => document !== undefined);
  const jobs = calls.flatMap(argumentsOfJobs);
  return {
    calls: started.filter((call) => !isOwn(call)).length,
    written: written.length + jobs.length,
    writtenBytes: sum(written.map(sizeOf)) + sum(jobs),
    read: sum(calls.map(({ documentsRead }) => documentsRead.documents)),
    readBytes: sum(calls.map(({ documentsRead }) => documentsRead.bytes)),
    deleted: deleted.length,
    deletedBytes: sum(deleted.map(sizeOf)),
    requests: calls.flatMap(requestsOf).length,
  };
}

/** Requests of an action that began before the one before had ended: it would wait for them together. */
export function overlaps(call: StrictCall): number {
  const requests = requestsOf(call);
  return requests.filter(({ startTime }, index) => startTime < (requests[index - 1]?.endTime ?? 0)).length;
}

function requestsOf({ operations }: StrictCall) {
  return operations.filter(({ kind }) => kind === "fetch");
}

function isTransactional({ type }: StrictCall): boolean {
  return type === "query" || type === "mutation";
}

/** Their sizes. */
function argumentsOfJobs({ operations }: StrictCall): number[] {
  return operations
    .filter(({ kind }) => kind === "schedule")
    .map(({ argsJson }) => {
      const { args } = JSON.parse(argsJson) as { readonly args: Parameters<typeof jsonToConvex>[0] };
      return getConvexSize(jsonToConvex(args));
    });
}

function sizeOf(document: StrictDocument): number {
  return getDocumentSize(document as Record<string, Value>);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
