/**
 * Fits spans into a text that is too small for them: the largest are cut, and what still does not fit is left out and
 * counted. Rare, so apart from the encoder, which every traced Convex call evaluates.
 */
import type { SpanRecord } from "../core/types.js";
import { encodePiece, encodeSpan, type Piece, tryEncode } from "./encodeSpan.js";
import { bareSpan, cutSpan, withDroppedSpans } from "./shrinkSpan.js";
import { utf8Length } from "./text.js";

/** A span larger than this part of a text is cut, rather than the spans after it dropped. */
const LARGEST_SHARE = 1 / 4;

/** Room for a span with nothing but its identity, and the part of a text that may be kept for such spans. */
const BARE_SPAN_BYTES = 400;
const RESERVED_SHARE = 1 / 2;

/**
 * @internal
 * The spans that fit into `room` bytes, in order, with the loss counted on the first.
 *
 * @param encoded - the spans as they were encoded already, so that none is encoded twice; undefined for a broken one
 */
export function fit(
  spans: readonly SpanRecord[],
  encoded: readonly (Piece | undefined)[],
  room: number,
): readonly Piece[] {
  const share = room * LARGEST_SHARE;
  const pieces: Piece[] = [];
  const handedOn = spans.filter(({ isHandedOn }) => isHandedOn === true).length;
  const reserve = Math.min(room * RESERVED_SHARE, handedOn * BARE_SPAN_BYTES);
  let left = room - reserve;
  let next = 0;
  for (const [index, piece] of encoded.entries()) {
    next = index;
    if (piece === undefined) continue;
    const kept = fitSpan(piece, { left, share, isFirst: pieces.length === 0 });
    if (kept === "too large by itself") continue;
    if (kept === "no room") break;
    pieces.push(kept);
    left -= utf8Length(kept.json) + 1;
    next = index + 1;
  }
  const [first] = pieces;
  if (first === undefined) return pieces;
  pieces.push(...barest(spans.slice(next), first.span, left + reserve));
  const lost = spans.length - pieces.length;
  if (lost > 0) pieces[0] = encodePiece(withDroppedSpans(first.span, lost));
  return pieces;
}

/**
 * Of the spans for which there was no room, those that others elsewhere have as parent: with nothing but their identity,
 * below the first span, since the spans between may be gone.
 */
function barest(spans: readonly SpanRecord[], first: SpanRecord, room: number): Piece[] {
  const pieces: Piece[] = [];
  let left = room;
  for (const span of spans) {
    if (span.isHandedOn !== true || tryEncode(span) === undefined) continue;
    const piece = encodePiece({ ...bareSpan(span), parentSpanId: first.spanId, parentIsRemote: false });
    left -= utf8Length(piece.json) + 1;
    if (left < 0) break;
    pieces.push(piece);
  }
  return pieces;
}

/** What one span may take. */
interface Room {
  /** Bytes left in the text. */
  readonly left: number;
  /** Bytes beyond which a span counts as very large. */
  readonly share: number;
  readonly isFirst: boolean;
}

/** Fits one span into what is left: as it is, else cut to its share, else (the first) with nothing but its identity. */
function fitSpan(piece: Piece, { left, share, isFirst }: Room): Piece | "no room" | "too large by itself" {
  const size = utf8Length(piece.json);
  if (size <= left) return piece;
  if (size <= share && !isFirst) return "no room";
  const target = Math.min(share, left);
  const cut = cutSpan(piece.span, (candidate) => utf8Length(encodeSpan(candidate)) <= target);
  if (cut !== undefined) return encodePiece(cut);
  return isFirst ? encodePiece(bareSpan(piece.span)) : "too large by itself";
}
