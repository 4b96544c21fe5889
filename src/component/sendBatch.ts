/**
 * One batch over the network: joined into one request, and split where the backend refuses it for what it holds, until what
 * it refuses is alone. Tells for each text what became of it; writes nothing.
 */
import type { Infer } from "convex/values";
import { v } from "convex/values";
import { joinTexts } from "../otlp/encode.js";
import type { ExportSettings } from "../otlp/environment.js";
import type { PostResult } from "../otlp/response.js";
import { countSpans, splitText } from "../otlp/split.js";
import { utf8Length } from "../otlp/text.js";
import { post } from "../otlp/transport.js";
import type { Id } from "./_generated/dataModel.js";
import { BATCH_MS, BATCH_REQUESTS } from "./limits.js";
import type { Batch } from "./nextBatch.js";
import { markResent } from "./resent.js";

/** What a drain reports about a batch. */
export const vReport = v.object({
  /** Texts that are through: nothing of them is left but what is listed. */
  done: v.array(
    v.object({
      id: v.id("texts"),
      createdAt: v.number(),
      /** Of its text as it is stored. */
      bytes: v.number(),
      /** Parts that are still to be sent. */
      again: v.array(v.string()),
      /** Parts that the backend refuses. */
      refused: v.array(v.object({ text: v.string(), reason: v.string() })),
    }),
  ),
  delivered: v.number(),
  /** Spans of accepted requests that the backend did not take (partial success). */
  rejected: v.number(),
  /** Why the rest was not sent; and how many spans may have arrived, although no answer did. */
  failure: v.optional(
    v.object({ message: v.string(), retryAfterMs: v.optional(v.number()), mayHaveArrived: v.number() }),
  ),
  /** What the backend had to say. */
  message: v.optional(v.string()),
  /** The span about drops that a backend has answered for. */
  told: v.optional(v.string()),
});

export type Report = Infer<typeof vReport>;

/** Where a batch goes. */
export type Destination = ExportSettings & { readonly url: string };

/** A text or a part of one. */
interface Piece {
  readonly id: Id<"texts">;
  readonly text: string;
}

/** What is known of one text. */
interface Fate {
  readonly open: Set<string>;
  readonly refused: { text: string; reason: string }[];
}

/** Sends one batch. Never throws, and ends in time. */
export async function sendBatch({ texts }: Batch, destination: Destination): Promise<Report> {
  const fates = new Map<Id<"texts">, Fate>(texts.map(({ id, text }) => [id, { open: new Set([text]), refused: [] }]));
  const report = { delivered: 0, rejected: 0 };
  const marked = new Set<string>(texts.filter(({ isResent }) => isResent).map(({ id }) => id));
  const requests: (readonly Piece[])[] = [texts.map(({ id, text }) => ({ id, text }))];
  const end = Date.now() + BATCH_MS;
  let message: string | undefined;
  for (let sent = 0; sent < BATCH_REQUESTS && requests.length > 0 && Date.now() < end; sent++) {
    const pieces = requests.shift() ?? [];
    const bodies = pieces.map(({ id, text }) => (marked.has(id) ? markResent(text) : text));
    const result = await request(bodies, destination, end - Date.now());
    message = result.message ?? message;
    if (result.kind === "success") {
      const spans = spansOf(pieces);
      const rejected = Math.min(spans, result.rejectedSpans);
      report.delivered += spans - rejected;
      report.rejected += rejected;
      close(fates, pieces);
    } else if (isAboutContent(result)) {
      requests.unshift(...narrow(fates, pieces, result.message));
    } else {
      return { ...report, done: doneOf(texts, fates), failure: failureOf(result, spansOf(pieces)) };
    }
  }
  return { ...report, done: doneOf(texts, fates), ...(message === undefined ? {} : { message }) };
}

async function request(texts: readonly string[], settings: Destination, timeLeftMs: number): Promise<PostResult> {
  const { url, headers, compression } = settings;
  const timeoutMs = Math.min(settings.timeoutMs, timeLeftMs);
  return post({ url, headers, compression, body: joinTexts(texts), timeoutMs, now: () => Date.now() });
}

/** Answers that speak of the spans. All others speak of the backend, its address or its key, and splitting helps nobody. */
function isAboutContent(result: PostResult): result is Extract<PostResult, { kind: "tooLarge" | "failure" }> {
  return result.kind === "tooLarge" || (result.kind === "failure" && (result.status === 400 || result.status === 422));
}

/** Halves of a refused request. A span that is alone is taken out of its text, with the reason. */
function narrow(fates: ReadonlyMap<string, Fate>, pieces: readonly Piece[], reason: string): (readonly Piece[])[] {
  if (pieces.length > 1) {
    const middle = Math.ceil(pieces.length / 2);
    return [pieces.slice(0, middle), pieces.slice(middle)];
  }
  const [piece] = pieces;
  if (piece === undefined) return [];
  const fate = fates.get(piece.id);
  fate?.open.delete(piece.text);
  const halves = splitText(piece.text);
  if (halves === undefined) {
    fate?.refused.push({ text: piece.text, reason });
    return [];
  }
  for (const half of halves) fate?.open.add(half);
  return halves.map((text) => [{ id: piece.id, text }]);
}

function close(fates: ReadonlyMap<string, Fate>, pieces: readonly Piece[]): void {
  for (const { id, text } of pieces) fates.get(id)?.open.delete(text);
}

/** A text of which nothing happened stays as it is, in its place. */
function doneOf(texts: Batch["texts"], fates: ReadonlyMap<Id<"texts">, Fate>): Report["done"] {
  return texts.flatMap(({ id, text, createdAt }) => {
    const fate = fates.get(id);
    if (fate === undefined || fate.open.has(text)) return [];
    return [{ id, createdAt, bytes: utf8Length(text), again: [...fate.open], refused: fate.refused }];
  });
}

function failureOf(result: Exclude<PostResult, { kind: "success" }>, spans: number): NonNullable<Report["failure"]> {
  const { message } = result;
  if (result.kind !== "retryable") return { message, mayHaveArrived: 0 };
  const { retryAfterMs } = result;
  return { message, mayHaveArrived: spans, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

function spansOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { text }) => sum + countSpans(text), 0);
}
