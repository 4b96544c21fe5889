/** Instrumentations of clients record below spans only: without one, there is no request that wants to know. */
import { getActiveSpan } from "./api.js";
import type { Span } from "./types.js";

/** The active span, if it is being recorded. */
export function recordedSpan(): Span | undefined {
  const active = getActiveSpan();
  return active?.isRecording() === true ? active : undefined;
}
