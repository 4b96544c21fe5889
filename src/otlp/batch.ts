/**
 * Texts into requests: as few as the limits of the destination allow. Texts stay in order, and none is parsed unless it
 * is too large by itself.
 */
import { joinTexts } from "./encode.js";
import { countSpans, splitText } from "./split.js";
import { utf8Length } from "./text.js";

/** What one request may hold. */
export interface BatchLimits {
  readonly maxBytes: number;
  readonly maxSpans: number;
}

/** What to send, and how many spans cannot be sent because one of them is larger than a request. */
export interface BatchPlan {
  readonly batches: readonly (readonly string[])[];
  readonly unsendableSpans: number;
}

interface Piece {
  readonly text: string;
  readonly spans: number;
  readonly bytes: number;
}

/** @internal Groups texts into requests. Texts without spans are left out: an empty request must not be sent. */
export function planBatches(texts: readonly string[], limits: BatchLimits): BatchPlan {
  const batches: string[][] = [];
  let unsendableSpans = 0;
  let room = { bytes: 0, spans: 0 };
  for (const piece of texts.flatMap((text) => piecesOf(text, limits))) {
    if (piece.bytes > limits.maxBytes - joinTexts([]).length) {
      unsendableSpans += piece.spans;
      continue;
    }
    if (piece.bytes + 1 > room.bytes || piece.spans > room.spans) {
      batches.push([]);
      room = { bytes: limits.maxBytes - joinTexts([]).length + 1, spans: limits.maxSpans };
    }
    batches.at(-1)?.push(piece.text);
    room = { bytes: room.bytes - piece.bytes - 1, spans: room.spans - piece.spans };
  }
  return { batches, unsendableSpans };
}

/** @internal Two halves of a request: between texts while it has several, else between the spans of its text. */
export function halveBatch(texts: readonly string[]): readonly (readonly string[])[] | undefined {
  if (texts.length > 1) {
    const middle = Math.ceil(texts.length / 2);
    return [texts.slice(0, middle), texts.slice(middle)];
  }
  return splitText(texts[0] ?? "")?.map((half) => [half]);
}

/** A text as pieces that fit, as far as it can be split. */
function piecesOf(text: string, limits: BatchLimits): readonly Piece[] {
  const piece = { text, spans: countSpans(text), bytes: utf8Length(text) };
  if (piece.spans === 0) return [];
  const fits = piece.spans <= limits.maxSpans && piece.bytes <= limits.maxBytes - joinTexts([]).length;
  const halves = fits ? undefined : splitText(text);
  return halves === undefined ? [piece] : halves.flatMap((half) => piecesOf(half, limits));
}
