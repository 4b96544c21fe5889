/**
 * The carrier: trace context and baggage as plain data, for calls that have no headers.
 *
 * Convex functions call each other with arguments only, so the three header values travel as one reserved argument.
 * It is stored with scheduled jobs and may come from anywhere, so reading it never throws: what is malformed is as if
 * it were absent.
 */
import type { SpanContext } from "../core/types.js";
import { formatBaggage, getBaggageEntry, parseBaggage, type BaggageEntry } from "./baggage.js";
import { CORRELATION_BAGGAGE_KEY, isValidCorrelationId } from "./correlation.js";
import type { Lineage } from "./lineage.js";
import { joinTracestate, splitTracestate } from "./ownMember.js";
import { formatTraceparent, parseTraceparent } from "./traceparent.js";

/** Header values under their header names. */
export interface Carrier {
  /** Absent where only baggage is passed on: a run that is to start a trace of its own. */
  traceparent?: string;
  tracestate?: string;
  baggage?: string;
}

/** What a carrier is made from. */
export interface CarrierContent {
  /** The span to name as parent. Left out if its ids are not valid. */
  readonly spanContext?: SpanContext | undefined;
  /** Sent in the `tracestate`, so only together with a span. */
  readonly lineage?: Lineage | undefined;
  readonly baggage?: readonly BaggageEntry[] | undefined;
}

/** What came with a call. */
export interface Extracted {
  /** The caller's span, its `traceState` without our own member. Absent: start a new trace. */
  readonly spanContext?: SpanContext;
  /** What our member of the `tracestate` said. As trustworthy as the caller. */
  readonly lineage?: Lineage;
  /** All of the caller's baggage. */
  readonly baggage: readonly BaggageEntry[];
  /** Only ever a valid one. */
  readonly correlationId?: string;
}

/**
 * Characters of all values together: the limits of W3C Baggage (8192) and of Trace Context (512), and 64 for a
 * `traceparent` (55). Nothing we write is longer.
 */
const MAX_CARRIER_LENGTH = 8192 + 512 + 64;

/**
 * Writes a carrier. Values that would be empty are left out.
 */
export function encodeCarrier({ spanContext, lineage, baggage }: CarrierContent): Carrier {
  const carrier: Carrier = {};
  const traceparent = spanContext && formatTraceparent(spanContext);
  if (traceparent !== undefined) {
    carrier.traceparent = traceparent;
    const tracestate = joinTracestate(lineage, spanContext?.traceState);
    if (tracestate !== "") carrier.tracestate = tracestate;
  }
  const baggageText = baggage === undefined || baggage.length === 0 ? "" : formatBaggage(baggage);
  if (baggageText !== "") carrier.baggage = baggageText;
  return carrier;
}

// Filled in place: spreading objects costs several times as much as all of the parsing.
type Draft<Result> = { -readonly [Name in keyof Result]: Result[Name] };

/**
 * Reads the values of the headers or the carrier. `correlationId` is one that has precedence over that in the baggage.
 *
 * @internal
 */
export function decodeValues(
  traceparent: unknown,
  tracestate: unknown,
  baggageText: unknown,
  correlationId?: string,
): Extracted {
  const baggage = baggageText === undefined ? [] : parseBaggage(baggageText);
  const spanContext: Draft<SpanContext> | undefined = parseTraceparent(traceparent);
  const extracted: Draft<Extracted> = spanContext === undefined ? { baggage } : { baggage, spanContext };
  if (spanContext !== undefined) {
    const { lineage, others = "" } = splitTracestate(tracestate) ?? {};
    if (lineage !== undefined) extracted.lineage = lineage;
    if (others !== "") spanContext.traceState = others;
  }
  // Looking for what cannot be there took a tenth of the whole.
  if (correlationId === undefined && baggage.length === 0) return extracted;
  const id = isValidCorrelationId(correlationId)
    ? correlationId
    : getBaggageEntry(baggage, CORRELATION_BAGGAGE_KEY)?.value;
  if (isValidCorrelationId(id)) extracted.correlationId = id;
  return extracted;
}

function lengthOf(value: unknown): number {
  return typeof value === "string" ? value.length : 0;
}

/**
 * Reads a carrier. Public as `extractCarrier`.
 *
 * @param value - anything; what is not a carrier, or is longer than one can be (8768 characters), counts as absent
 * @returns what the carrier says, as far as it is well-formed. Never throws.
 *
 * @example
 * ```ts
 * import { extractCarrier } from "convex-otel";
 *
 * const { spanContext, correlationId } = extractCarrier({
 *   traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
 *   baggage: "correlation.id=evt_1",
 * });
 * ```
 */
export function decodeCarrier(value: unknown): Extracted {
  try {
    const { traceparent, tracestate, baggage } = (value ?? {}) as { readonly [Name in keyof Carrier]: unknown };
    const length = lengthOf(traceparent) + lengthOf(tracestate) + lengthOf(baggage);
    return length > MAX_CARRIER_LENGTH ? { baggage: [] } : decodeValues(traceparent, tracestate, baggage);
  } catch {
    // Only the object itself can throw, from a getter or a proxy; then nothing is known about the caller.
    return { baggage: [] };
  }
}
