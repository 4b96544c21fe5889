/**
 * From the exporter of a set-up to the batches that its spans wait in. For presets of `convex-otel/otlp` spans are encoded when
 * they end; exporters of the OpenTelemetry SDK get spans as that SDK has them, and exporters of one's own get texts.
 */
import type { SpanExporter } from "@opentelemetry/sdk-trace-base";
import type { Diagnostics, Env, Exporter } from "../core/ports.js";
import type { SpanRecord } from "../core/types.js";
import { isPresetExporter, type PresetExporter } from "../otlp/exporterSettings.js";
import { type Batch, KeptBatch } from "./batch.js";
import type { BatchSettings } from "./batchSettings.js";
import { EncodedBatch, type EncodedSending } from "./encodedBatch.js";
import { isSpanExporter, nameOfExporter, type NodeExporter } from "./nodeExporter.js";
import { readableSpan } from "./readableSpan.js";
import { type RequestSender, requestSender } from "./requestSender.js";
import { isPending, type ResourceSource, sdkResource, settledResource } from "./resourceSource.js";
import { failedWith, type SendOutcome } from "./sendOutcome.js";
import { sendTexts } from "./textSending.js";

/** The way out of spans of one resource. */
export interface WayOut {
  /** For messages. */
  readonly name: string;
  newBatch(): Batch;
  /** Requests that may be under way at the same time. */
  readonly concurrency: number;
  /** How long to wait for a request, in milliseconds; `Infinity` where it ends by itself. */
  readonly timeoutMs: number;
  /** What else there is to do when everything has to leave. */
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** What a way out needs besides its exporter. */
export interface WayOutSurroundings {
  readonly env: Env;
  readonly batch: BatchSettings;
  readonly report: Diagnostics;
}

/** The way out that an exporter is. */
export function wayOut(exporter: NodeExporter, resource: ResourceSource, surroundings: WayOutSurroundings): WayOut {
  const way = isSpanExporter(exporter)
    ? throughSdk(exporter, resource, surroundings)
    : isPresetExporter(exporter)
      ? throughRequests(exporter, resource, surroundings)
      : throughTexts(exporter, resource, surroundings);
  return { name: nameOfExporter(exporter), forceFlush: nothing, shutdown: nothing, ...way };
}

type Way = Pick<WayOut, "newBatch" | "concurrency" | "timeoutMs"> & Partial<Pick<WayOut, "forceFlush" | "shutdown">>;

function throughRequests(exporter: PresetExporter, resource: ResourceSource, surroundings: WayOutSurroundings): Way {
  const sender = requestSender(exporter, surroundings);
  // The resource stands at the start of a request: until all is known of it, spans wait as they are.
  const sendKept = async (spans: readonly SpanRecord[]): Promise<SendOutcome> =>
    encodeAndSend(spans, await settledResource(resource), sender);
  return {
    newBatch: () => (isPending(resource) ? new KeptBatch(sendKept) : new EncodedBatch(resource, sender)),
    concurrency: surroundings.batch.concurrency,
    // As long as the sender takes: its requests have a limit of their own.
    timeoutMs: Infinity,
  };
}

/** One request of what waited, however large: the sender halves it where a server asks for that. */
async function encodeAndSend(
  spans: readonly SpanRecord[],
  resource: ResourceSource,
  sender: RequestSender,
): Promise<SendOutcome> {
  const send: EncodedSending["send"] = (request) => sender.send(request);
  const batch = new EncodedBatch(resource, { maxRequestBytes: Infinity, send });
  const refused = spans.filter((span) => batch.add(span) === "refused").length;
  const result = await batch.send();
  return result.outcome === "failed" ? result : { ...result, rejectedSpans: result.rejectedSpans + refused };
}

function throughTexts(exporter: Exporter, resource: ResourceSource, { env, batch }: WayOutSurroundings): Way {
  const { timeoutMs, concurrency } = batch;
  const send = async (spans: readonly SpanRecord[]): Promise<SendOutcome> =>
    sendTexts(exporter, spans, await settledResource(resource), { env, timeoutMs });
  return { newBatch: () => new KeptBatch(send), concurrency, timeoutMs };
}

/** As specified for exporters of the SDK: one call of `export` at a time. */
function throughSdk(exporter: SpanExporter, resource: ResourceSource, { batch }: WayOutSurroundings): Way {
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
    timeoutMs: batch.timeoutMs,
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

function nothing(): Promise<void> {
  return Promise.resolve();
}
