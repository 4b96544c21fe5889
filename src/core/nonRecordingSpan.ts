/** The span of code that is not traced. Apart from the recorder, which such code should not have to load. */
import type { CallSpan } from "./callSpan.js";
import type { SpanContext } from "./types.js";

const INVALID: SpanContext = { traceId: "0".repeat(32), spanId: "0".repeat(16), traceFlags: 0 };

/**
 * A span that stands for an identity without being recorded: unsampled, ended, beyond a limit, or of nobody. Its
 * children are not recorded either, and hand on the same identity: no parent can dangle.
 */
export function nonRecordingSpan(context = INVALID): CallSpan {
  return {
    spanContext() {
      return context;
    },
    isRecording: never,
    claimError: never,
    setAttribute: same,
    setAttributes: same,
    addEvent: same,
    addLink: same,
    addLinks: same,
    setStatus: same,
    updateName: same,
    recordException: same,
    end: same,
    startChild: same,
  };
}

function never(): boolean {
  return false;
}

function same(this: CallSpan): CallSpan {
  return this;
}
