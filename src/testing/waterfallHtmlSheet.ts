/** What the parts of the page have in common. */
import type { SpanRecord } from "../core/types.js";
import type { SpanNames } from "./spanText.js";
import type { TimeScale } from "./timeScale.js";

/** What all rows of a trace have in common. */
export interface HtmlSheet {
  readonly scale: TimeScale;
  readonly names: SpanNames;
  /** Start of the trace, in milliseconds since the Unix epoch. */
  readonly start: number;
}

/** Ids come from outside, too. */
export function anchor({ traceId, spanId }: Pick<SpanRecord, "traceId" | "spanId">): string {
  return `${traceId}-${spanId}`.replace(/[^\w-]/g, "_");
}
