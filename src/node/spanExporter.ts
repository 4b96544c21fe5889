/**
 * The way out of a server, as the SDK's processors want it. A preset of `convex-otel/otlp` lends its address and keys to the
 * SDK's own exporter, which retries and keeps connections open; an exporter of one's own gets encoded texts, as in Convex.
 */
import { type ExportResult as SdkResult, ExportResultCode } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace-base";
import type { Diagnostics, Env, Exporter, ExportResult } from "../core/ports.js";
import { encodeSpans } from "../otlp/encode.js";
import { readEnv } from "../otlp/envReader.js";
import { exporterSettings, isPresetExporter, type PresetExporter } from "../otlp/exporterSettings.js";
import { SCOPE_NAME, VERSION } from "../semconv/version.js";
import type { BatchSettings } from "./batchSettings.js";
import { spanRecord } from "./spanRecord.js";

/** What an exporter of the SDK is made with. */
export interface ExporterSurroundings {
  readonly env: Env;
  readonly batch: BatchSettings;
  readonly report: Diagnostics;
}

/** The longest time a timer of Node can wait, for an exporter without a limit. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Spans of one text for an exporter of one's own: `encodeSpans` drops what does not fit into 256 kB, and no usual span has
 * more than 2.5 kB.
 */
const SPANS_PER_TEXT = 100;

/** An exporter of either kind. */
export type NodeExporter = Exporter | SpanExporter;

function isSpanExporter(exporter: NodeExporter): exporter is SpanExporter {
  return "export" in exporter && typeof exporter.export === "function";
}

/** Whether there is somewhere to send to. The SDK's exporters do not know; `none` switches them off as well. */
export function isConfigured(exporter: NodeExporter, env: Env): boolean {
  if (!isSpanExporter(exporter)) return exporter.isConfigured(env);
  return readEnv(env, "OTEL_TRACES_EXPORTER")?.toLowerCase() !== "none";
}

/** What messages call it. */
export function nameOfExporter(exporter: NodeExporter): string {
  return isSpanExporter(exporter) ? (exporter.constructor?.name ?? "The exporter") : exporter.name;
}

/** An exporter for the SDK's processors. */
export function toSpanExporter(exporter: NodeExporter, surroundings: ExporterSurroundings): SpanExporter {
  if (isSpanExporter(exporter)) return exporter;
  return isPresetExporter(exporter)
    ? otlpTraceExporter(exporter, surroundings)
    : new TextExporter(exporter, surroundings);
}

/** The SDK's exporter with the settings of a preset. */
function otlpTraceExporter(exporter: PresetExporter, { env, batch, report }: ExporterSurroundings): SpanExporter {
  const { url, headers, timeoutMs, compression } = exporterSettings(exporter.parts(), env, report);
  // Typed as an enum of a package that is not asked for; its values are these texts.
  const packed: object = { compression };
  return new OTLPTraceExporter({
    ...(url === undefined ? {} : { url }),
    headers: { ...headers },
    timeoutMillis: Math.min(timeoutMs, LONGEST_MS),
    concurrencyLimit: batch.concurrency,
    userAgent: `${SCOPE_NAME}/${VERSION}`,
    ...packed,
  });
}

/** Hands encoded texts to an exporter of one's own, `memoryExporter()` for example. */
class TextExporter implements SpanExporter {
  readonly #exporter: Exporter;
  readonly #surroundings: ExporterSurroundings;

  constructor(exporter: Exporter, surroundings: ExporterSurroundings) {
    this.#exporter = exporter;
    this.#surroundings = surroundings;
  }

  export(spans: readonly ReadableSpan[], done: (result: SdkResult) => void): void {
    this.#send(spans).then(
      (result) => done(this.#judge(result)),
      (thrown: unknown) =>
        done({ code: ExportResultCode.FAILED, error: thrown instanceof Error ? thrown : new Error(String(thrown)) }),
    );
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }

  async #send(spans: readonly ReadableSpan[]): Promise<ExportResult> {
    const { env, batch } = this.#surroundings;
    const texts: string[] = [];
    for (const [resource, ofResource] of byResource(spans)) {
      for (let from = 0; from < ofResource.length; from += SPANS_PER_TEXT) {
        const records = ofResource.slice(from, from + SPANS_PER_TEXT).map(spanRecord);
        const scope = { name: SCOPE_NAME, version: VERSION };
        texts.push(encodeSpans(records, { resource: { attributes: resource.attributes }, scope }).text);
      }
    }
    return await this.#exporter.send(texts, { env, timeoutMs: batch.timeoutMs });
  }

  /** Refused spans of a request that was accepted are lost, and said; the rest arrived. */
  #judge(result: ExportResult): SdkResult {
    if (result.outcome !== "delivered") return { code: ExportResultCode.FAILED, error: new Error(result.message) };
    if (result.rejectedSpans > 0) {
      const message = `${this.#exporter.name} did not accept ${result.rejectedSpans} spans: ${result.message ?? "no reason given"}.`;
      this.#surroundings.report({ level: "warn", code: "export.partial", message, droppedSpans: result.rejectedSpans });
    }
    return { code: ExportResultCode.SUCCESS };
  }
}

function byResource(spans: readonly ReadableSpan[]): Map<ReadableSpan["resource"], ReadableSpan[]> {
  const groups = new Map<ReadableSpan["resource"], ReadableSpan[]>();
  for (const span of spans) {
    const group = groups.get(span.resource);
    if (group === undefined) groups.set(span.resource, [span]);
    else group.push(span);
  }
  return groups;
}
