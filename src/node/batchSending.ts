/** The sending of batches: one request each, that is not traced, has an end, and is told of where spans were lost. */
import { context as contextApi, ROOT_CONTEXT } from "@opentelemetry/api";
import { SUPPRESS_KEY } from "../core/otelGlobal.js";
import type { Diagnostics } from "../core/ports.js";
import { startDeadline } from "../otlp/deadline.js";
import type { Batch } from "./batch.js";
import { atIntervals } from "./report.js";
import { failedWith, type SendOutcome } from "./sendOutcome.js";
import type { WayOut } from "./wayOut.js";

/** A request must not become a span that is sent in its turn. */
const SUPPRESSED = ROOT_CONTEXT.setValue(SUPPRESS_KEY, true);

/** Nothing it does throws or rejects. */
export class BatchSending {
  readonly #wayOut: Pick<WayOut, "name" | "timeoutMs">;
  readonly #report: Diagnostics;

  constructor(wayOut: Pick<WayOut, "name" | "timeoutMs">, report: Diagnostics) {
    this.#wayOut = wayOut;
    this.#report = atIntervals(report);
  }

  /** Sends a batch, and waits until that has come to an end. */
  send(batch: Batch): Promise<void> {
    return contextApi.with(SUPPRESSED, () => this.#send(batch));
  }

  /** Says that a span cannot be sent at all. */
  sayRefused(): void {
    const message = "A span could not be prepared for export and is lost.";
    this.#report({ level: "error", code: "export.unprepared", message, droppedSpans: 1 });
  }

  /** Says that too many spans wait for one more. */
  sayQueueFull(maxQueue: number): void {
    const message = `More than ${maxQueue} spans wait, so newer ones are dropped; raise batch.maxQueue, or sample.`;
    this.#report({ level: "warn", code: "export.queue_full", message, droppedSpans: 1 });
  }

  /** One request. An exporter that never answers must not keep its place for ever. */
  async #send(batch: Batch): Promise<void> {
    const deadline = startDeadline(this.#wayOut.timeoutMs);
    try {
      const outcome = await deadline.race(batch.send());
      this.#sayOutcome(outcome === "late" ? failedWith(undefined) : outcome, batch.spanCount);
    } catch (thrown) {
      this.#sayOutcome(failedWith(thrown), batch.spanCount);
    } finally {
      deadline.clear();
    }
  }

  #sayOutcome(outcome: SendOutcome, spans: number): void {
    const { name } = this.#wayOut;
    if (outcome.outcome === "failed") {
      const message = `${name} did not take ${spans} spans: ${outcome.message}.`;
      return this.#report({ level: "error", code: "export.failed", message, droppedSpans: spans });
    }
    const { rejectedSpans, message: reason = "no reason given" } = outcome;
    if (rejectedSpans === 0) return;
    const message = `${name} did not accept ${rejectedSpans} spans: ${reason}.`;
    this.#report({ level: "warn", code: "export.partial", message, droppedSpans: rejectedSpans });
  }
}
