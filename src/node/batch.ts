/** The spans of one request, from the first that waits until they are sent. */
import type { SpanRecord } from "../core/types.js";
import type { SendOutcome } from "./sendOutcome.js";

/** Spans that leave together. */
export interface Batch {
  readonly spanCount: number;
  /**
   * Takes a span in. Never throws.
   *
   * @returns `"full"` if it has to go into another request; `"refused"` if it can go into none
   */
  add(span: SpanRecord): "added" | "full" | "refused";
  /** Sends what was added. Called once. */
  send(): Promise<SendOutcome>;
}

/** A batch that keeps its spans as they are, for exporters that want them so. */
export class KeptBatch implements Batch {
  readonly #spans: SpanRecord[] = [];
  readonly #send: (spans: readonly SpanRecord[]) => Promise<SendOutcome>;

  constructor(send: (spans: readonly SpanRecord[]) => Promise<SendOutcome>) {
    this.#send = send;
  }

  get spanCount(): number {
    return this.#spans.length;
  }

  add(span: SpanRecord): "added" {
    this.#spans.push(span);
    return "added";
  }

  send(): Promise<SendOutcome> {
    return this.#send(this.#spans);
  }
}
