/** What this library's spans can do beyond OpenTelemetry's. */
import type { InstrumentationScope, Span, SpanOptions } from "./types.js";

/** Options of a child span. */
export interface ChildOptions extends SpanOptions {
  /** The library that records the span, where it is not this one. */
  readonly scope?: InstrumentationScope;
}

/** A span of this library: it can have children, and knows which errors were already recorded below it. */
export interface CallSpan extends Span {
  startChild(name: string, options?: ChildOptions): CallSpan;
  /** True the first time a thrown value is seen in a call: an exception is recorded where it was thrown, once. */
  claimError(thrown: unknown): boolean;
}

/** Whether a span is one of this library, of whichever copy of it. */
export function isCallSpan(span: Span): span is CallSpan {
  return "startChild" in span;
}
