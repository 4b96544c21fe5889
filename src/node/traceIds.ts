/** The ids of a server's spans. */
import { type IdGenerator, RandomIdGenerator } from "@opentelemetry/sdk-trace-base";

/** The SDK's random ids; a trace whose id is known already gets that one. */
export class TraceIds implements IdGenerator {
  /** The id of the next trace, used once. */
  nextTraceId: string | undefined;
  readonly #random = new RandomIdGenerator();

  generateTraceId(): string {
    const id = this.nextTraceId ?? this.#random.generateTraceId();
    this.nextTraceId = undefined;
    return id;
  }

  generateSpanId(): string {
    return this.#random.generateSpanId();
  }
}
