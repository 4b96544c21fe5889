/**
 * One delivery: texts into requests, requests out one after the other until the deadline, and one result for all.
 */
import type { ExportResult } from "../core/ports.js";
import { halveBatch, planBatches } from "./batch.js";
import { MAX_REQUEST_SPANS } from "./batchLimits.js";
import { joinTexts } from "./encode.js";
import type { ExportSettings } from "./environment.js";
import { type Fetch, fetchExchange } from "./fetchExchange.js";
import type { PostResult } from "./response.js";
import { countSpans } from "./split.js";
import { post } from "./transport.js";

/**
 * How often a request that is too large is halved: once between texts and once within a text. Halving down to single
 * spans would turn one refused delivery into a thousand requests.
 */
const MAX_HALVINGS = 2;

/** Where and how a delivery is sent. */
export interface Delivery {
  readonly settings: ExportSettings & { readonly url: string };
  readonly maxRequestBytes: number;
  /** Milliseconds for all requests together; `Infinity` for no limit. */
  readonly timeoutMs: number;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  readonly fetch?: Fetch | undefined;
}

/** A request that is still to be sent. */
interface Pending {
  readonly texts: readonly string[];
  readonly halvings: number;
}

/** What is known so far. */
interface Tally {
  rejectedSpans: number;
  /** True once a request was accepted. */
  accepted: boolean;
  readonly messages: Set<string>;
}

/** @internal Sends texts. Stops at the first request that is worth another try, and returns what is left. */
export async function sendTexts(texts: readonly string[], delivery: Delivery): Promise<ExportResult> {
  const limits = { maxBytes: delivery.maxRequestBytes, maxSpans: MAX_REQUEST_SPANS };
  const { batches, unsendableSpans } = planBatches(texts, limits);
  const tally: Tally = {
    rejectedSpans: unsendableSpans,
    accepted: batches.length === 0 && unsendableSpans === 0,
    messages: new Set(),
  };
  if (unsendableSpans > 0) tally.messages.add(`a span is larger than a request may be (${limits.maxBytes} bytes)`);
  const pending: Pending[] = batches.map((batch) => ({ texts: batch, halvings: 0 }));
  const end = delivery.now() + delivery.timeoutMs;
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const result = await sendOne(next.texts, delivery, end - delivery.now());
    if (result.kind === "retryable") return toRetry([next, ...pending], result, tally);
    pending.unshift(...settle(next, result, tally));
  }
  return finished(tally);
}

async function sendOne(texts: readonly string[], delivery: Delivery, timeoutMs: number): Promise<PostResult> {
  if (!(timeoutMs > 0)) return { kind: "retryable", message: "there was no time left to send the rest" };
  const { url, headers, compression } = delivery.settings;
  const { now, fetch } = delivery;
  return post({ url, headers, compression, body: joinTexts(texts), timeoutMs, now, exchange: fetchExchange(fetch) });
}

/** Takes note of a final answer. What it returns is to be sent in place of the request. */
function settle(
  request: Pending,
  result: Exclude<PostResult, { kind: "retryable" }>,
  tally: Tally,
): readonly Pending[] {
  const spans = request.texts.reduce((sum, text) => sum + countSpans(text), 0);
  if (result.kind === "tooLarge" && request.halvings < MAX_HALVINGS) {
    const halves = halveBatch(request.texts);
    if (halves !== undefined) return halves.map((texts) => ({ texts, halvings: nextHalvings(request) }));
  }
  if (result.message !== undefined) tally.messages.add(result.message);
  if (result.kind === "success") {
    tally.accepted = true;
    tally.rejectedSpans += Math.min(spans, result.rejectedSpans);
  } else {
    tally.rejectedSpans += spans;
  }
  return [];
}

/** Halves of a single text are sent once and no more. */
function nextHalvings(request: Pending): number {
  return request.texts.length === 1 ? MAX_HALVINGS : request.halvings + 1;
}

function toRetry(
  rest: readonly Pending[],
  result: Extract<PostResult, { kind: "retryable" }>,
  tally: Tally,
): ExportResult {
  const { retryAfterMs } = result;
  return {
    outcome: "retry",
    texts: rest.flatMap((request) => request.texts),
    rejectedSpans: tally.rejectedSpans,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    message: [...tally.messages.add(result.message)].join("; "),
  };
}

/** A delivery counts as rejected only if nothing of it was accepted. */
function finished({ accepted, rejectedSpans, messages }: Tally): ExportResult {
  const message = [...messages].join("; ");
  if (!accepted) return { outcome: "rejected", rejectedSpans, message };
  return { outcome: "delivered", rejectedSpans, ...(message === "" ? {} : { message }) };
}
