/**
 * The way out of a server for spans that are encoded already: requests of `SpanBatch` go to where a preset of `convex-otel/otlp`
 * says, as OTLP/protobuf. In place of the SDK's exporter, which wants spans, and keeps them until they are sent.
 *
 * For who collects spans: make one with {@link requestSender}; `send` each request that `SpanBatch.finish()` returns, with its
 * number of spans, before it is larger than `maxRequestBytes`; while `isFull`, let spans wait. `send` tells what became of a
 * request, and never rejects. `settled` is for flushing: it waits for the requests under way, and keeps the process alive
 * meanwhile.
 */
import type { Diagnostics, Env } from "../core/ports.js";
import { DEFAULT_MAX_REQUEST_BYTES } from "../otlp/batchLimits.js";
import type { ExportSettings } from "../otlp/environment.js";
import { exporterSettings, type PresetExporter } from "../otlp/exporterSettings.js";
import { readAnswer } from "../otlp/protobuf/exportAnswer.js";
import { type EncodedRequest, halveRequest } from "../otlp/protobuf/halveRequest.js";
import type { Fetch } from "../otlp/transport.js";
import type { BatchSettings } from "./batchSettings.js";
import { httpFetch } from "./httpFetch.js";
import { type FinalResult, type RetryPace, retriedPost, SDK_PACE } from "./retriedPost.js";

/** What became of a request. */
export type SendResult =
  | {
      readonly outcome: "delivered";
      /** Spans that the backend did not take. They are lost. */
      readonly rejectedSpans: number;
      /** What the backend said, or why spans were rejected. */
      readonly message?: string;
    }
  | {
      /** Nothing of it arrived, as far as is known, and nothing is tried any more. */
      readonly outcome: "failed";
      readonly message: string;
    };

/** What a sender is made of. */
export interface RequestSenderParts {
  /** For messages. */
  readonly name: string;
  readonly settings: ExportSettings;
  readonly maxRequestBytes: number;
  readonly batch: Pick<BatchSettings, "timeoutMs" | "concurrency">;
  /** @defaultValue that of the OpenTelemetry SDK */
  readonly pace?: RetryPace;
  /** For tests; the global `fetch` otherwise. */
  readonly fetch?: Fetch | undefined;
  /** Milliseconds since the Unix epoch, for a `Retry-After` that is a date. @defaultValue the system clock */
  readonly now?: (() => number) | undefined;
  /** @defaultValue `Math.random` */
  readonly random?: () => number;
}

/** How often a request that is too large is halved. Down to single spans, one refused request would become hundreds. */
const MAX_HALVINGS = 2;

/** Longest delay of a timer. */
const LONGEST_MS = 2 ** 31 - 1;

/** A sender with the settings of a preset that are in force now. Bad variables go to `report`. */
export function requestSender(
  exporter: PresetExporter,
  { env, batch, report }: { readonly env: Env; readonly batch: BatchSettings; readonly report: Diagnostics },
): RequestSender {
  const parts = exporter.parts();
  const { definition, options, fetch = httpFetch(env, report), now } = parts;
  return new RequestSender({
    name: definition.name,
    settings: exporterSettings(parts, env, report, "http/protobuf"),
    maxRequestBytes: options.maxRequestBytes ?? definition.maxRequestBytes ?? DEFAULT_MAX_REQUEST_BYTES,
    batch,
    fetch,
    now,
  });
}

/** Sends requests, several at a time. */
export class RequestSender {
  readonly #parts: RequestSenderParts;
  readonly #underWay = new Set<Promise<SendResult>>();

  constructor(parts: RequestSenderParts) {
    this.#parts = parts;
  }

  /** How large a request may be at this backend, uncompressed. */
  get maxRequestBytes(): number {
    return this.#parts.maxRequestBytes;
  }

  /** Whether as many requests are under way as there may be. */
  get isFull(): boolean {
    return this.#underWay.size >= this.#parts.batch.concurrency;
  }

  /** Whether requests are under way, or wait for another attempt. */
  get hasPending(): boolean {
    return this.#underWay.size > 0;
  }

  /** Sends a request; fails at once while {@link isFull}. Never throws or rejects. */
  send(request: EncodedRequest): Promise<SendResult> {
    if (request.spanCount === 0) return Promise.resolve({ outcome: "delivered", rejectedSpans: 0 });
    if (this.isFull) {
      const message = `${this.#parts.name} has ${this.#underWay.size} requests under way, as many as batch.concurrency allows`;
      return Promise.resolve({ outcome: "failed", message });
    }
    const sending = this.#deliver(request).catch(unexpected);
    this.#underWay.add(sending);
    void sending.then(() => this.#underWay.delete(sending));
    return sending;
  }

  /** Waits until nothing is under way any more, and keeps the process alive for that long. Never rejects. */
  async settled(): Promise<void> {
    const awake = setTimeout(() => undefined, LONGEST_MS);
    try {
      while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    } finally {
      clearTimeout(awake);
    }
  }

  async #deliver(request: EncodedRequest): Promise<SendResult> {
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
    const { settings, pace = SDK_PACE, fetch, now = Date.now, random = Math.random } = this.#parts;
    const { headers, compression } = settings;
    return await retriedPost({ url, headers, compression, body, readAnswer, now, fetch }, { timeoutMs, pace, random });
  }
}

/** Sends a request, and its halves where it is too large, one after the other. */
async function deliverInParts(
  whole: EncodedRequest,
  post: (request: EncodedRequest) => Promise<FinalResult>,
): Promise<SendResult> {
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
function unexpected(thrown: unknown): SendResult {
  const name = thrown instanceof Error ? thrown.name : typeof thrown;
  return { outcome: "failed", message: `the request could not be made (${name})` };
}
