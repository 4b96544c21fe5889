/**
 * Whether spans last as long as what they stand for, judged by the runtime's own record of when calls and operations began and
 * ended.
 */
import type { StrictCall, StrictOperation } from "../../src/testing/strict/index.js";
import type { Match } from "./compareTraces.js";
import { isHandOver } from "./outbox.js";
import { DELIVER, nodeOf } from "./runProgram.js";

/** Convex's clock ticks in tenths of a millisecond, and a duration has two ends. */
const PRECISION_MS = 0.25;

/** Where a clock starts: `Date.now()` is in whole milliseconds. */
const CLOCK_START_MS = 1.1;

/** What is wrong with the times of spans. */
export function timeProblems(matches: readonly Match[], calls: readonly StrictCall[]): string[] {
  return matches.flatMap((match) => [...durationProblems(match, calls), ...placeProblems(match)]);
}

/** The span of a function begins before its first operation, and ends after its last and before its spans are handed on. */
function durationProblems({ expected, span }: Match, calls: readonly StrictCall[]): string[] {
  const call = expected.call && calls.findLast((candidate) => isRunOf(candidate, expected.call?.id));
  if (call?.endTime === undefined) return [];
  const own = call.operations.filter(isOfProgram);
  const handedOn = call.operations.find((operation) => isDelivery(operation) && operation.startTime >= lastEnd(own));
  const longest = (handedOn?.startTime ?? call.endTime) - call.startTime + PRECISION_MS;
  const shortest = lastEnd(own) - (own[0]?.startTime ?? 0) - PRECISION_MS;
  const duration = span.endTime - span.startTime;
  if (duration >= shortest && duration <= longest) return [];
  return [`${span.name} took ${duration} ms instead of ${shortest} to ${longest}`];
}

function isRunOf(call: StrictCall, id: string | undefined): boolean {
  const ran = call.type === "httpAction" ? "n0" : nodeOf(call)?.id;
  return ran === id && (call.outcome === "returned" || call.outcome === "threw");
}

function lastEnd(operations: readonly StrictOperation[]): number {
  return Math.max(0, ...operations.map(({ endTime }) => endTime ?? 0));
}

function isDelivery({ kind, argsJson }: StrictOperation): boolean {
  return kind === "fetch" || (kind === "schedule" && argsJson.includes(DELIVER)) || isHandOver(argsJson);
}

function isOfProgram(operation: StrictOperation): boolean {
  return operation.kind !== "metadata" && !isDelivery(operation);
}

/** Nothing begins before what caused it, and what is waited for ends before whoever waits. */
function placeProblems({ span, parent }: Match): string[] {
  if (parent === undefined) return [];
  const problems: string[] = [];
  if (span.startTime < parent.startTime - PRECISION_MS) problems.push(`${span.name} begins before ${parent.name}`);
  // Scheduled runs outlive whoever scheduled them.
  const isAwaited = span.kind !== "consumer" && parent.kind !== "producer";
  const slack = span.parentIsRemote ? CLOCK_START_MS : PRECISION_MS;
  if (isAwaited && span.endTime > parent.endTime + slack) problems.push(`${span.name} ends after ${parent.name}`);
  return problems;
}
