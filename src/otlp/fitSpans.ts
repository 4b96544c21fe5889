/**
 * Fits spans into a text that is too small for them: the largest are cut, and what still does not fit is left out and
 * counted. Rare, so apart from the encoder, which every traced Convex call evaluates.
 */
import type { SpanRecord } from "../core/types.js";
import { encodeSpan, tryEncode } from "./encodeSpan.js";
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
  encoded: readonly (string | undefined)[],
  room: number,
): readonly string[] {
  const share = room * LARGEST_SHARE;
  const pieces: string[] = [];
  const handedOn = spans.filter(({ isHandedOn }) => isHandedOn === true).length;
  const reserve = Math.min(room * RESERVED_SHARE, handedOn * BARE_SPAN_BYTES);
  let first: SpanRecord | undefined;
  let left = room - reserve;
  let next = 0;
  for (const [index, piece] of encoded.entries()) {
    next = index;
    const span = spans[index];
    if (span === undefined || piece === undefined) continue;
    const kept = fitSpan(span, piece, { left, share, isFirst: first === undefined });
    if (kept === "too large by itself") continue;
    if (kept === "no room") break;
    first ??= kept.span;
    pieces.push(kept.piece);
    left -= utf8Length(kept.piece) + 1;
    next = index + 1;
  }
  if (first !== undefined) pieces.push(...barest(spans.slice(next), first, left + reserve));
  const lost = spans.length - pieces.length;
  if (first !== undefined && lost > 0) pieces[0] = encodeSpan(withDroppedSpans(first, lost));
  return pieces;
}

/**
 * Of the spans for which there was no room, those that others elsewhere have as parent: with nothing but their identity,
 * below the first span, since the spans between may be gone.
 */
function barest(spans: readonly SpanRecord[], first: SpanRecord, room: number): string[] {
  const pieces: string[] = [];
  let left = room;
  for (const span of spans) {
    if (span.isHandedOn !== true || tryEncode(span) === undefined) continue;
    const piece = encodeSpan({ ...bareSpan(span), parentSpanId: first.spanId, parentIsRemote: false });
    left -= utf8Length(piece) + 1;
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

/** A span and its JSON, or why it is left out. */
type Fitted = { readonly span: SpanRecord; readonly piece: string } | "no room" | "too large by itself";

/** Fits one span into what is left: as it is, else cut to its share, else (the first) with nothing but its identity. */
function fitSpan(span: SpanRecord, piece: string, { left, share, isFirst }: Room): Fitted {
  const size = utf8Length(piece);
  if (size <= left) return { span, piece };
  if (size <= share && !isFirst) return "no room";
  const target = Math.min(share, left);
  const cut = cutSpan(span, (candidate) => utf8Length(encodeSpan(candidate)) <= target);
  if (cut !== undefined) return { span: cut, piece: encodeSpan(cut) };
  if (!isFirst) return "too large by itself";
  const bare = bareSpan(span);
  return { span: bare, piece: encodeSpan(bare) };
}
