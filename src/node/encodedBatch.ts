/** A batch that encodes its spans as they end, and keeps nothing else of them. */
import type { Resource, SpanRecord } from "../core/types.js";
import { SpanBatch } from "../otlp/protobuf/spanBatch.js";
import type { Batch } from "./batch.js";
import type { SendOutcome } from "./sendOutcome.js";

/** Sends an `ExportTraceServiceRequest` of so many spans. */
export type SendRequest = (request: Uint8Array, spanCount: number) => Promise<SendOutcome>;

/** Where encoded spans go. */
export interface EncodedWay {
  /** Bytes of one request; a span that is larger by itself has one to itself. */
  readonly maxBytes: number;
  readonly send: SendRequest;
}

/** Spans of one resource as bytes. */
export class EncodedBatch implements Batch {
  readonly #spans: SpanBatch;
  readonly #way: EncodedWay;

  constructor(resource: Resource, way: EncodedWay) {
    this.#spans = new SpanBatch(resource);
    this.#way = way;
  }

  get spanCount(): number {
    return this.#spans.spanCount;
  }

  add(span: SpanRecord): "added" | "full" | "refused" {
    if (this.#spans.byteLength >= this.#way.maxBytes) return "full";
    return this.#spans.add(span) ? "added" : "refused";
  }

  send(): Promise<SendOutcome> {
    const { spanCount } = this.#spans;
    return this.#way.send(this.#spans.finish(), spanCount);
  }
}
