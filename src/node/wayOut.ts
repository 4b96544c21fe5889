/**
 * From the exporter of a set-up to the batches that its spans wait in: exporters of the OpenTelemetry SDK get spans as that SDK
 * has them, all others get texts.
 */
import type { SpanExporter } from "@opentelemetry/sdk-trace-base";
import type { Env } from "../core/ports.js";
import type { SpanRecord } from "../core/types.js";
import { type Batch, KeptBatch } from "./batch.js";
import type { BatchSettings } from "./batchSettings.js";
import { isSpanExporter, nameOfExporter, type NodeExporter } from "./nodeExporter.js";
import { readableSpan } from "./readableSpan.js";
import { type ResourceSource, sdkResource, settledResource } from "./resourceSource.js";
import { failedWith, type SendOutcome } from "./sendOutcome.js";
import { sendTexts } from "./textSending.js";

/** The way out of spans of one resource. */
export interface WayOut {
  /** For messages. */
  readonly name: string;
  newBatch(): Batch;
  /** Requests that may be under way at the same time. */
  readonly concurrency: number;
  /** What else there is to do when everything has to leave. */
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** What a way out needs besides its exporter. */
export interface WayOutSurroundings {
  readonly env: Env;
  readonly batch: BatchSettings;
}

/** The way out that an exporter is. */
export function wayOut(exporter: NodeExporter, resource: ResourceSource, surroundings: WayOutSurroundings): WayOut {
  const name = nameOfExporter(exporter);
  if (isSpanExporter(exporter)) return { name, ...throughSdk(exporter, resource) };
  const { env, batch } = surroundings;
  const send = async (spans: readonly SpanRecord[]): Promise<SendOutcome> =>
    sendTexts(exporter, spans, await settledResource(resource), { env, timeoutMs: batch.timeoutMs });
  const done = () => Promise.resolve();
  return {
    name,
    newBatch: () => new KeptBatch(send),
    concurrency: batch.concurrency,
    forceFlush: done,
    shutdown: done,
  };
}

/** As specified for exporters of the SDK: one call of `export` at a time. */
function throughSdk(exporter: SpanExporter, resource: ResourceSource): Omit<WayOut, "name"> {
  const send = async (spans: readonly SpanRecord[]): Promise<SendOutcome> => {
    const ofSdk = sdkResource(await settledResource(resource));
    return exportSpans(
      exporter,
      spans.map((span) => readableSpan(span, ofSdk)),
    );
  };
  return {
    newBatch: () => new KeptBatch(send),
    concurrency: 1,
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: async () => exporter.shutdown(),
  };
}

/** `ExportResultCode.SUCCESS` of `@opentelemetry/core`. */
const SUCCESS = 0;

function exportSpans(exporter: SpanExporter, spans: Parameters<SpanExporter["export"]>[0]): Promise<SendOutcome> {
  return new Promise((resolve) =>
    exporter.export(spans, ({ code, error }) =>
      resolve((code as number) === SUCCESS ? { outcome: "delivered", rejectedSpans: 0 } : failedWith(error)),
    ),
  );
}
