/**
 * What is wrong with a set of spans that is no tree. Separate classes, so that a test can expect exactly one of them.
 */
import type { SpanRecord } from "../core/types.js";
import { oneLine } from "./spanText.js";

/** Thrown by `spanTree` for spans whose parent never arrived: a backend would show them as traces cut in two. */
export class DanglingParentError extends Error {
  override readonly name = "DanglingParentError";
  /** The spans whose parent is missing. */
  readonly spans: readonly SpanRecord[];

  constructor(orphans: readonly SpanRecord[], all: readonly SpanRecord[]) {
    super(
      `${count(orphans)} with a parent that is not there:\n` +
        orphans.map((span) => `  ${title(span)}: parent ${span.parentSpanId}${elsewhere(span, all)}\n`).join("") +
        `Either the parent was not exported, or it belongs to a caller: then list it in allowRemoteParents.`,
    );
    this.spans = orphans;
  }
}

/** Thrown by `spanTree` if a span id arrives more than once, as it does when a delivery is repeated. */
export class DuplicateSpanError extends Error {
  override readonly name = "DuplicateSpanError";
  /** The second and later arrivals. */
  readonly spans: readonly SpanRecord[];

  constructor(duplicates: readonly SpanRecord[]) {
    super(
      `${count(duplicates)} with the id of an earlier one:\n` +
        duplicates.map((span) => `  ${title(span)}\n`).join("") +
        `Where repeated deliveries are expected, pass duplicates: "ignore".`,
    );
    this.spans = duplicates;
  }
}

/** Thrown by `spanTree` if spans are each other's parents, so that none is the first. */
export class ParentLoopError extends Error {
  override readonly name = "ParentLoopError";
  /** One span of each loop. */
  readonly spans: readonly SpanRecord[];

  constructor(loops: readonly SpanRecord[]) {
    super(`${count(loops)} that are their own ancestor:\n${loops.map((span) => `  ${title(span)}`).join("\n")}`);
    this.spans = loops;
  }
}

function count(spans: readonly SpanRecord[]): string {
  return spans.length === 1 ? "1 span" : `${spans.length} spans`;
}

function title(span: SpanRecord): string {
  return `"${oneLine(span.name)}" (span ${span.spanId}, trace ${span.traceId})`;
}

/** The usual mistake: the parent's span id was carried on, its trace id was not. */
function elsewhere(orphan: SpanRecord, all: readonly SpanRecord[]): string {
  const parent = all.find((span) => span.spanId === orphan.parentSpanId);
  return parent === undefined ? "" : `, which is "${oneLine(parent.name)}" of trace ${parent.traceId}`;
}
