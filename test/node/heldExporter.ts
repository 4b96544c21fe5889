/** An exporter for tests of how spans wait. */
import { vi } from "vitest";
import type { Exporter, ExportResult } from "../../src/core/ports.js";
import { countSpans } from "../../src/otlp/split.js";

/** An exporter whose requests are answered by hand. Timers are to be faked. */
export class HeldExporter implements Exporter {
  readonly name = "held";
  /** Spans of each request, in order. */
  readonly requests: number[] = [];
  readonly #open: ((result: ExportResult) => void)[] = [];

  isConfigured(): boolean {
    return true;
  }

  send(texts: readonly string[]): Promise<ExportResult> {
    this.requests.push(texts.reduce((sum, text) => sum + countSpans(text), 0));
    return new Promise((resolve) => this.#open.push(resolve));
  }

  /** Answers the oldest request, and lets what waits for that go on. */
  async answer(): Promise<void> {
    this.#open.shift()?.({ outcome: "delivered", rejectedSpans: 0 });
    await vi.advanceTimersByTimeAsync(0);
  }
}
