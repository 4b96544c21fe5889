/**
 * The `traceparent` header of W3C Trace Context: which trace, which span, and whether it is sampled.
 *
 * Written by hand instead of with regular expressions because it runs on every call that is traced. It follows
 * Level 2 of the specification (https://www.w3.org/TR/trace-context-2/#traceparent-header).
 */
import type { SpanContext } from "../core/types.js";
import { dropWhitespace, skipWhitespace } from "./scan.js";

/** Trace flag: the caller may have recorded this trace. */
export const SAMPLED = 0x01;

/** Trace flag: the low 56 bits of the trace id are random (Level 2). A trace keeps it as its root set it. */
export const RANDOM = 0x02;

/** Flags that version 00 defines. The specification wants all others to be sent as zero. */
const KNOWN_FLAGS = SAMPLED | RANDOM;

// Layout of version 00: `vv-<32 hex>-<16 hex>-ff`. Later versions may only append to it.
const TRACE_ID_AT = 3;
const TRACE_ID_LENGTH = 32;
const SPAN_ID_AT = 36;
const SPAN_ID_LENGTH = 16;
const FLAGS_AT = 53;
const LENGTH = 55;

const DASH = 0x2d;
const ZERO = 0x30;

/**
 * Negative unless `code` is one of `0-9 a-f`; upper case is not legal in a `traceparent`. Arithmetic instead of
 * conditions, because digits and letters alternate at random in an id and a mispredicted branch costs more than this.
 */
function hexSign(code: number): number {
  return ((code - 0x30) | (0x39 - code)) & ((code - 0x61) | (0x66 - code));
}

/** True for hex digits of which at least one is not zero. */
function isId(text: string, from: number, to: number): boolean {
  let sign = 0;
  let bits = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    sign |= hexSign(code);
    bits |= code ^ ZERO;
  }
  return sign >= 0 && bits !== 0;
}

/** The byte that two hex digits stand for, or -1. */
function byteAt(text: string, at: number): number {
  const high = text.charCodeAt(at);
  const low = text.charCodeAt(at + 1);
  return (hexSign(high) | hexSign(low)) < 0 ? -1 : hexValue(high) * 16 + hexValue(low);
}

/** The value of a character that is known to be a hex digit. */
function hexValue(code: number): number {
  return code < 0x61 ? code - 0x30 : code - 0x57;
}

function hasDashes(text: string, start: number): boolean {
  return (
    text.charCodeAt(start + TRACE_ID_AT - 1) === DASH &&
    text.charCodeAt(start + SPAN_ID_AT - 1) === DASH &&
    text.charCodeAt(start + FLAGS_AT - 1) === DASH
  );
}

/** What may follow the flags: nothing in version 00, and only another dash field in later versions. `ff` is forbidden. */
function isVersionLegal(text: string, start: number, length: number): boolean {
  const version = byteAt(text, start);
  if (version < 0 || version === 0xff) return false;
  return length === LENGTH || (version > 0 && text.charCodeAt(start + LENGTH) === DASH);
}

/**
 * Reads a `traceparent`. Spaces and tabs around it are ignored; later versions are read as far as version 00 goes.
 * Flags that version 00 does not define are dropped.
 *
 * @param text - the header value; anything else than a string counts as malformed
 * @returns the caller's span, marked as remote, or undefined if malformed: start a new trace then. Never throws.
 */
export function parseTraceparent(text: unknown): SpanContext | undefined {
  if (typeof text !== "string") return undefined;
  const start = skipWhitespace(text, 0, text.length);
  const length = dropWhitespace(text, start, text.length) - start;
  if (length < LENGTH || !hasDashes(text, start) || !isVersionLegal(text, start, length)) return undefined;
  const traceIdAt = start + TRACE_ID_AT;
  const spanIdAt = start + SPAN_ID_AT;
  const flags = byteAt(text, start + FLAGS_AT);
  const traceIdEnd = traceIdAt + TRACE_ID_LENGTH;
  const spanIdEnd = spanIdAt + SPAN_ID_LENGTH;
  if (flags < 0 || !isId(text, traceIdAt, traceIdEnd) || !isId(text, spanIdAt, spanIdEnd)) return undefined;
  return {
    traceId: text.slice(traceIdAt, traceIdEnd),
    spanId: text.slice(spanIdAt, spanIdEnd),
    traceFlags: flags & KNOWN_FLAGS,
    isRemote: true,
  };
}

/**
 * Writes a `traceparent` of version 00. Only the two flags that this version defines are sent.
 *
 * @param context - the span to name as parent; its ids are not checked, see {@link isValidSpanContext}
 */
export function formatTraceparent(context: SpanContext): string {
  return `00-${context.traceId}-${context.spanId}-0${context.traceFlags & KNOWN_FLAGS}`;
}

/** True if the ids of `context` may be sent: lower-case hex of the right length, not all zero. Never throws. */
export function isValidSpanContext(context: SpanContext): boolean {
  const { traceId, spanId } = context;
  // Contexts also come from other libraries and from plain JavaScript, so the types are not relied on.
  if (typeof traceId !== "string" || typeof spanId !== "string") return false;
  if (traceId.length !== TRACE_ID_LENGTH || spanId.length !== SPAN_ID_LENGTH) return false;
  return isId(traceId, 0, TRACE_ID_LENGTH) && isId(spanId, 0, SPAN_ID_LENGTH);
}

/**
 * Whether the sampled flag is set.
 *
 * @param flags - `traceFlags` of a span context
 */
export function isSampled(flags: number): boolean {
  return (flags & SAMPLED) !== 0;
}
