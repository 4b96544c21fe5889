/**
 * The `traceparent` header of W3C Trace Context: which trace, which span, and whether it is sampled. Follows Level 2 of
 * the specification (https://www.w3.org/TR/trace-context-2/#traceparent-header).
 *
 * The codecs of this folder are built on expressions, not on loops over characters: in a module that was evaluated a
 * moment ago, as Convex's always are, an expression takes half the time of a loop that is interpreted, and no more once
 * both are compiled.
 */
import type { SpanContext } from "../core/types.js";

/** Trace flag: the caller may have recorded this trace. */
export const SAMPLED = 0x01;

/** Trace flag: the low 56 bits of the trace id are random (Level 2). A trace keeps it as its root set it. */
export const RANDOM = 0x02;

/** Flags that version 00 defines. The specification wants all others to be sent as zero. */
const KNOWN_FLAGS = SAMPLED | RANDOM;

// Lengths are checked apart: V8 takes twice the time for a class that is repeated a given number of times.
const ID = /^(?!0+$)[\da-f]+$/;

/** `vv-<trace id>-<span id>-ff`, with optional whitespace around. Version `ff` is forbidden; later ones may append. */
const TRACEPARENT = /^[ \t]*(?!ff)[\da-f][\da-f]-(?!0+-)[\da-f]+-(?!0+-)[\da-f]+-[\da-f][\da-f](?:-|[ \t]*$)/;

const TRACE_ID_LENGTH = 32;
const SPAN_ID_LENGTH = 16;

const NINE = 0x39;

/**
 * Reads a `traceparent`. Spaces and tabs around it are ignored; later versions are read as far as version 00 goes.
 * Flags that version 00 does not define are dropped.
 *
 * @param text - the header value; anything else than a string counts as malformed
 * @returns the caller's span, marked as remote, or undefined if malformed: start a new trace then. Never throws.
 */
export function parseTraceparent(text: unknown): SpanContext | undefined {
  if (typeof text !== "string") return undefined;
  const traceIdAt = text.indexOf("-") + 1;
  const spanIdAt = traceIdAt + TRACE_ID_LENGTH + 1;
  const flagsAt = spanIdAt + SPAN_ID_LENGTH + 1;
  if (!TRACEPARENT.test(text) || text.charAt(spanIdAt - 1) !== "-" || text.charAt(flagsAt - 1) !== "-")
    return undefined;
  // Version 00 has nothing behind its flags.
  if (text.charAt(flagsAt + 2) === "-" && text.startsWith("00-", traceIdAt - 3)) return undefined;
  const digit = text.charCodeAt(flagsAt + 1);
  return {
    traceId: text.slice(traceIdAt, spanIdAt - 1),
    spanId: text.slice(spanIdAt, flagsAt - 1),
    // The low bits of a hex digit: codes of 0-9 end as the digits do, those of a-f nine below.
    traceFlags: (digit > NINE ? digit + 9 : digit) & KNOWN_FLAGS,
    isRemote: true,
  };
}

/**
 * Writes a `traceparent` of version 00. Only the two flags that this version defines are sent.
 *
 * @param context - the span to name as parent; contexts also come from other libraries and from plain JavaScript
 * @returns undefined if the ids may not be sent: they must be lower-case hex of the right length, not all zero
 */
export function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string | undefined {
  const isValid = isId(traceId, TRACE_ID_LENGTH) && isId(spanId, SPAN_ID_LENGTH);
  return isValid ? `00-${traceId}-${spanId}-0${traceFlags & KNOWN_FLAGS}` : undefined;
}

function isId(id: unknown, length: number): boolean {
  return typeof id === "string" && id.length === length && ID.test(id);
}
