/**
 * The way out of a server for spans that are encoded already: requests of `SpanBatch` go to where a preset of `convex-otel/otlp`
 * says, as OTLP/protobuf. In place of the SDK's exporter, which wants spans, and keeps them until they are sent. How many
 * requests are under way, and who waits for them, is the business of `ExportPipeline`.
 */
import type { Diagnostics, Env } from "../core/ports.js";
import { DEFAULT_MAX_REQUEST_BYTES } from "../otlp/batchLimits.js";
import type { ExportSettings } from "../otlp/environment.js";
import type { Exchange } from "../otlp/exchange.js";
import { exporterSettings, type PresetExporter } from "../otlp/exporterSettings.js";
import { fetchExchange } from "../otlp/fetchExchange.js";
import { readAnswer } from "../otlp/protobuf/exportAnswer.js";
import { type EncodedRequest, halveRequest } from "../otlp/protobuf/halveRequest.js";
import type { BatchSettings } from "./batchSettings.js";
import { httpExchange } from "./httpExchange.js";
import { type FinalResult, type RetryPace, retriedPost, SDK_PACE } from "./retriedPost.js";
import type { SendOutcome } from "./sendOutcome.js";

/** What a sender is made of. */
export interface RequestSenderParts {
  /** For messages. */
  readonly name: string;
  readonly settings: ExportSettings;
  readonly maxRequestBytes: number;
  readonly batch: Pick<BatchSettings, "timeoutMs">;
  /** @defaultValue that of the OpenTelemetry SDK */
  readonly pace?: RetryPace;
  /** @defaultValue by the global `fetch` */
  readonly exchange?: Exchange | undefined;
  /** Milliseconds since the Unix epoch, for a `Retry-After` that is a date. @defaultValue the system clock */
  readonly now?: (() => number) | undefined;
  /** @defaultValue `Math.random` */
  readonly random?: () => number;
}

/** How often a request that is too large is halved. Down to single spans, one refused request would become hundreds. */
const MAX_HALVINGS = 2;

/** A sender with the settings of a preset that are in force now. Bad variables go to `report`. */
export function requestSender(
  exporter: PresetExporter,
  { env, batch, report }: { readonly env: Env; readonly batch: BatchSettings; readonly report: Diagnostics },
): RequestSender {
  const parts = exporter.parts();
  const { definition, options, fetch, now } = parts;
  return new RequestSender({
    name: definition.name,
    settings: exporterSettings(parts, env, report, "http/protobuf"),
    maxRequestBytes: options.maxRequestBytes ?? definition.maxRequestBytes ?? DEFAULT_MAX_REQUEST_BYTES,
    batch,
    exchange: fetch === undefined ? httpExchange(env, report) : fetchExchange(fetch),
    now,
  });
}

/** Sends requests. */
export class RequestSender {
  readonly #parts: RequestSenderParts;

  constructor(parts: RequestSenderParts) {
    this.#parts = parts;
  }

  /** How large a request may be at this backend, uncompressed. */
  get maxRequestBytes(): number {
    return this.#parts.maxRequestBytes;
  }

  /** Sends a request. Never throws or rejects. */
  async send(request: EncodedRequest): Promise<SendOutcome> {
    if (request.spanCount === 0) return { outcome: "delivered", rejectedSpans: 0 };
    return await this.#deliver(request).catch(unexpected);
  }

  async #deliver(request: EncodedRequest): Promise<SendOutcome> {
    const { name, settings, batch } = this.#parts;
    const { url } = settings;
    if (url === undefined) {
      const message = `${name} has no usable endpoint; set OTEL_EXPORTER_OTLP_ENDPOINT or the endpoint option`;
      return { outcome: "failed", message };
    }
    const end = performance.now() + Math.min(settings.timeoutMs, batch.timeoutMs);
    const post = ({ bytes }: EncodedRequest) => this.#post(url, bytes, end - performance.now());
    return await deliverInParts(request, post);
  }

  async #post(url: string, body: Uint8Array, timeoutMs: number): Promise<FinalResult> {
    const { settings, pace = SDK_PACE, exchange, now = Date.now, random = Math.random } = this.#parts;
    const { headers, compression } = settings;
    const request = { url, headers, compression, body, readAnswer, now, exchange };
    return await retriedPost(request, { timeoutMs, pace, random });
  }
}

/** Sends a request, and its halves where it is too large, one after the other. */
async function deliverInParts(
  whole: EncodedRequest,
  post: (request: EncodedRequest) => Promise<FinalResult>,
): Promise<SendOutcome> {
  const pending = [{ request: whole, halvings: 0 }];
  const messages = new Set<string>();
  let rejectedSpans = 0;
  let isAccepted = false;
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const { request, halvings } = next;
    const result = await post(request);
    const halves = result.kind === "tooLarge" && halvings < MAX_HALVINGS ? halveRequest(request) : undefined;
    if (halves !== undefined) {
      pending.unshift(...halves.map((half) => ({ request: half, halvings: halvings + 1 })));
      continue;
    }
    if (result.message !== undefined) messages.add(result.message);
    isAccepted ||= result.kind === "success";
    rejectedSpans += result.kind === "success" ? Math.min(request.spanCount, result.rejectedSpans) : request.spanCount;
  }
  const message = [...messages].join("; ");
  if (!isAccepted) return { outcome: "failed", message };
  return { outcome: "delivered", rejectedSpans, ...(message === "" ? {} : { message }) };
}

/** Nothing above throws; should it, the request is lost and the server is not. */
function unexpected(thrown: unknown): SendOutcome {
  const name = thrown instanceof Error ? thrown.name : typeof thrown;
  return { outcome: "failed", message: `the request could not be made (${name})` };
}
