/** A batch that encodes its spans as they end, and keeps nothing else of them. */
import type { Resource, SpanRecord } from "../core/types.js";
import { SpanBatch } from "../otlp/protobuf/spanBatch.js";
import type { Batch } from "./batch.js";
import type { SendOutcome } from "./sendOutcome.js";

/** What sends encoded spans: `RequestSender`. */
export interface EncodedSending {
  /** Bytes of one request; a span that is larger by itself has one to itself. */
  readonly maxRequestBytes: number;
  send(request: { readonly bytes: Uint8Array; readonly spanCount: number }): Promise<SendOutcome>;
}

/** Spans of one resource as bytes. */
export class EncodedBatch implements Batch {
  readonly #spans: SpanBatch;
  readonly #sending: EncodedSending;

  constructor(resource: Resource, sending: EncodedSending) {
    this.#spans = new SpanBatch(resource);
    this.#sending = sending;
  }

  get spanCount(): number {
    return this.#spans.spanCount;
  }

  add(span: SpanRecord): "added" | "full" | "refused" {
    const isFirst = this.#spans.spanCount === 0;
    if (this.#spans.add(span, isFirst ? Infinity : this.#sending.maxRequestBytes)) return "added";
    // Whether it can be sent at all shows in a request of its own.
    return isFirst ? "refused" : "full";
  }

  send(): Promise<SendOutcome> {
    const { spanCount } = this.#spans;
    return this.#sending.send({ bytes: this.#spans.finish(), spanCount });
  }
}
