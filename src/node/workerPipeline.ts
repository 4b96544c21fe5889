/**
 * From spans that end to requests, in Cloudflare Workers. There a timer, a request and whoever waits for one belong to the request
 * that the worker is handling, and end with it: what one began another cannot count on. So nothing leaves by itself.
 * A flush sends all that waits, whoever it is of, and waits for that and for nothing that others began.
 */
import type { SpanRecord } from "../core/types.js";
import type { Batch } from "./batch.js";
import { BatchSending } from "./batchSending.js";
import type { PipelineParts } from "./exportPipeline.js";

/** Whether this is workerd, by what Cloudflare documents for it. */
export function isWorker(): boolean {
  return globalThis.navigator?.userAgent === "Cloudflare-Workers";
}

/** Nothing it does throws or rejects. */
export class WorkerPipeline {
  readonly #parts: PipelineParts;
  readonly #sending: BatchSending;
  /** The last one is where the next span goes. */
  #batches: Batch[] = [];
  #waiting = 0;
  #isShutDown = false;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    this.#sending = new BatchSending(parts.wayOut, parts.report);
  }

  /** Whether spans wait. */
  get hasPending(): boolean {
    return this.#waiting > 0;
  }

  /** Takes a span that has ended. */
  add(span: SpanRecord): void {
    const { maxQueue, maxSpans } = this.#parts.batch;
    if (this.#isShutDown) return;
    if (this.#waiting >= maxQueue) return this.#sending.sayQueueFull(maxQueue);
    const last = this.#batches.at(-1);
    let taken = last === undefined || last.spanCount >= maxSpans ? "full" : last.add(span);
    if (taken === "full") taken = this.#openBatch().add(span);
    if (taken === "added") this.#waiting++;
    else this.#sending.sayRefused();
  }

  /** Sends what waits. */
  async forceFlush(): Promise<void> {
    const batches = this.#batches;
    this.#batches = [];
    this.#waiting = 0;
    await Promise.all(batches.filter(({ spanCount }) => spanCount > 0).map((batch) => this.#sending.send(batch)));
  }

  /** The same, and takes no more spans. */
  async shutdown(): Promise<void> {
    this.#isShutDown = true;
    await this.forceFlush();
    await this.#parts.wayOut.shutdown().catch(() => undefined);
  }

  #openBatch(): Batch {
    const batch = this.#parts.wayOut.newBatch();
    this.#batches.push(batch);
    return batch;
  }
}
