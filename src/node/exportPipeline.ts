/**
 * From spans that end to requests. As the batch processor of the OpenTelemetry specification: spans leave when there are enough
 * of them or the first has waited long enough, and what does not fit is dropped. Beyond that it waits for requests that are
 * under way when it is flushed, bounds their bytes, and knows whether anything is left to send.
 */
import type { Diagnostics } from "../core/ports.js";
import type { SpanRecord } from "../core/types.js";
import type { Batch } from "./batch.js";
import { BatchSending } from "./batchSending.js";
import type { BatchSettings } from "./batchSettings.js";
import type { WayOut } from "./wayOut.js";

/** What a pipeline is made of. */
export interface PipelineParts {
  readonly wayOut: WayOut;
  readonly batch: BatchSettings;
  readonly report: Diagnostics;
}

/** A batch that is to leave as soon as a request may. */
interface Leaving {
  readonly batch: Batch;
  readonly done: () => void;
}

/** Nothing it does throws or rejects. */
export class ExportPipeline {
  readonly #parts: PipelineParts;
  readonly #sending: BatchSending;
  /** Where the next span goes. */
  #open: Batch | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Spans for which no request is under way yet. */
  #waiting = 0;
  readonly #queue: Leaving[] = [];
  #requests = 0;
  /** Of all batches that are closed, also of those in the queue. */
  readonly #unfinished = new Set<Promise<void>>();
  #isShutDown = false;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    this.#sending = new BatchSending(parts.wayOut, parts.report);
  }

  /** Whether spans wait, or are under way. */
  get hasPending(): boolean {
    return this.#waiting > 0 || this.#unfinished.size > 0;
  }

  /** Takes a span that has ended. */
  add(span: SpanRecord): void {
    const { maxQueue, maxSpans } = this.#parts.batch;
    if (this.#isShutDown) return;
    if (this.#waiting >= maxQueue) return this.#sending.sayQueueFull(maxQueue);
    let taken = (this.#open ?? this.#openBatch()).add(span);
    if (taken === "full") {
      this.#closeBatch();
      taken = this.#openBatch().add(span);
    }
    if (taken !== "added") return this.refuse();
    this.#waiting++;
    if (this.#open !== undefined && this.#open.spanCount >= maxSpans) this.#closeBatch();
  }

  /** Counts a span that cannot be sent at all. */
  refuse(): void {
    this.#sending.sayRefused();
  }

  /** Sends what waits, and waits for what is under way; not for what comes meanwhile. */
  async forceFlush(): Promise<void> {
    this.#closeBatch();
    await Promise.all(this.#unfinished);
    await this.#parts.wayOut.forceFlush().catch(said);
  }

  /** The same, and takes no more spans. */
  async shutdown(): Promise<void> {
    if (this.#isShutDown) return;
    this.#isShutDown = true;
    await this.forceFlush();
    await this.#parts.wayOut.shutdown().catch(said);
  }

  #openBatch(): Batch {
    this.#timer = setTimeout(() => this.#closeBatch(), this.#parts.batch.delayMs).unref();
    return (this.#open = this.#parts.wayOut.newBatch());
  }

  #closeBatch(): void {
    const batch = this.#open;
    clearTimeout(this.#timer);
    this.#open = undefined;
    if (batch === undefined || batch.spanCount === 0) return;
    const finished = new Promise<void>((done) => this.#queue.push({ batch, done }));
    this.#unfinished.add(finished);
    void finished.then(() => this.#unfinished.delete(finished));
    this.#sendNext();
  }

  #sendNext(): void {
    if (this.#requests >= this.#parts.wayOut.concurrency) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    this.#requests++;
    this.#waiting -= next.batch.spanCount;
    void this.#sending.send(next.batch).then(() => {
      this.#requests--;
      next.done();
      this.#sendNext();
    });
  }
}

/** Spans that an exporter loses are said with their request. */
function said(): void {
  return;
}
