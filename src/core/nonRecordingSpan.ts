/** The span of code that is not traced. Apart from the recorder, which such code should not have to load. */
import type { CallSpan } from "./callSpan.js";
import type { SpanContext } from "./types.js";

/** The identity of a span that is none. */
export const INVALID_SPAN_CONTEXT: SpanContext = { traceId: "0".repeat(32), spanId: "0".repeat(16), traceFlags: 0 };

/** A span that stands for an identity without being recorded: unsampled, ended, or beyond a limit. */
export class NonRecordingSpan implements CallSpan {
  readonly #context: SpanContext;

  constructor(context: SpanContext) {
    this.#context = context;
  }

  spanContext(): SpanContext {
    return this.#context;
  }
  isRecording(): boolean {
    return false;
  }
  setAttribute(): this {
    return this;
  }
  setAttributes(): this {
    return this;
  }
  addEvent(): this {
    return this;
  }
  addLink(): this {
    return this;
  }
  addLinks(): this {
    return this;
  }
  setStatus(): this {
    return this;
  }
  updateName(): this {
    return this;
  }
  recordException(): void {}
  end(): void {}
  /** Its children are not recorded either, and hand on the same identity: no parent can dangle. */
  startChild(): this {
    return this;
  }
  claimError(): boolean {
    return false;
  }
}
