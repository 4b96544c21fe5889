/**
 * From spans that end to requests: the SDK's batch processor, and around it what it does not do. It waits for requests that
 * are under way when it is flushed, counts what is lost and says so, and knows whether anything is left to send.
 */
import type { Context } from "@opentelemetry/api";
import { ExportResultCode } from "@opentelemetry/core";
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type Span,
  type SpanExporter,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import type { Diagnostics } from "../core/ports.js";
import { FLAG_SAMPLED } from "../core/recorder.js";
import type { BatchSettings } from "./batchSettings.js";
import { atIntervals } from "./report.js";

/** What a pipeline is made of. */
export interface PipelineParts {
  /** For messages. */
  readonly name: string;
  readonly exporter: SpanExporter;
  readonly batch: BatchSettings;
  readonly report: Diagnostics;
  /** What is exported in place of a span. */
  readonly prepare: (span: ReadableSpan) => ReadableSpan;
}

/** A span processor. Nothing it does throws or rejects. */
export class ExportPipeline implements SpanProcessor {
  readonly #parts: PipelineParts;
  readonly #batch: SpanProcessor;
  readonly #report: Diagnostics;
  /** Spans that wait in the batch processor. */
  #waiting = 0;
  readonly #underWay = new Set<Promise<void>>();
  #isShutDown = false;

  constructor(parts: PipelineParts) {
    const { batch } = parts;
    this.#parts = parts;
    this.#report = atIntervals(parts.report);
    this.#batch = new BatchSpanProcessor(this.#watchedExporter(), {
      maxQueueSize: batch.maxQueue,
      maxExportBatchSize: batch.maxSpans,
      scheduledDelayMillis: batch.delayMs,
      exportTimeoutMillis: batch.timeoutMs,
    });
  }

  /** Whether spans wait, or are under way. */
  get hasPending(): boolean {
    return this.#waiting > 0 || this.#underWay.size > 0;
  }

  onStart(_span: Span, _parent: Context): void {
    // Spans are looked at when they have ended.
  }

  onEnd(span: ReadableSpan): void {
    if (this.#isShutDown || (span.spanContext().traceFlags & FLAG_SAMPLED) === 0) return;
    // The batch processor drops as well, but says nothing.
    if (this.#waiting >= this.#parts.batch.maxQueue) return this.#sayQueueFull();
    try {
      const prepared = this.#parts.prepare(span);
      this.#waiting++;
      this.#batch.onEnd(prepared);
    } catch {
      const message = "A span could not be prepared for export and is lost.";
      this.#report({ level: "error", code: "export.unprepared", message, droppedSpans: 1 });
    }
  }

  async forceFlush(): Promise<void> {
    await this.#batch.forceFlush().catch(reported);
    await Promise.all(this.#underWay);
  }

  async shutdown(): Promise<void> {
    if (this.#isShutDown) return;
    this.#isShutDown = true;
    await this.forceFlush();
    await this.#batch.shutdown().catch(reported);
  }

  #watchedExporter(): SpanExporter {
    const { exporter } = this.#parts;
    return {
      export: (spans, done) => {
        this.#waiting -= spans.length;
        const request = new Promise<void>((resolve) => {
          const settle: typeof done = (result) => {
            if (result.code !== ExportResultCode.SUCCESS) this.#sayFailed(spans.length, result.error);
            done(result);
            resolve();
          };
          try {
            exporter.export(spans, settle);
          } catch (thrown) {
            settle({
              code: ExportResultCode.FAILED,
              error: thrown instanceof Error ? thrown : new Error(String(thrown)),
            });
          }
        });
        this.#underWay.add(request);
        void request.then(() => this.#underWay.delete(request));
      },
      forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
      shutdown: () => exporter.shutdown(),
    };
  }

  #sayQueueFull(): void {
    const message = `More than ${this.#parts.batch.maxQueue} spans wait, so newer ones are dropped; raise batch.maxQueue, or sample.`;
    this.#report({ level: "warn", code: "export.queue_full", message, droppedSpans: 1 });
  }

  #sayFailed(droppedSpans: number, error: Error | undefined): void {
    const message = `${this.#parts.name} did not take ${droppedSpans} spans: ${reasonOf(error)}.`;
    this.#report({ level: "error", code: "export.failed", message, droppedSpans });
  }
}

/** What the batch processor rejects with has been said by then, in the words of the exporter. */
function reported(): void {
  return;
}

/** Status or code only: the text of an error may hold the address with its query, or what a server says of a request. */
function reasonOf(error: Error | undefined): string {
  const code: unknown = error === undefined ? undefined : Reflect.get(error, "code");
  if (typeof code === "number") return `it answered ${code}`;
  if (typeof code === "string" && /^[A-Z][A-Z0-9_]{1,40}$/.test(code)) return code;
  return "no answer, or none in time";
}
