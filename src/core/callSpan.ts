/** What this library's spans can do beyond OpenTelemetry's. */
import type { Span, SpanOptions } from "./types.js";

/** A span of this library: it can have children, and knows which errors were already recorded below it. */
export interface CallSpan extends Span {
  startChild(name: string, options?: SpanOptions): CallSpan;
  /** True the first time a thrown value is seen in a call: an exception is recorded where it was thrown, once. */
  claimError(thrown: unknown): boolean;
}
