/**
 * Trace context, baggage and correlation id in HTTP headers, in whatever shape a platform has them: fetch's `Headers`,
 * Node's header objects, or pairs.
 *
 * All shapes come down to the one text per header that RFC 9110 §5.3 defines (several fields of a name joined with
 * commas), so that one rule holds for all of them: a `traceparent` with a comma in it was sent twice.
 */
import { decodeValues, encodeCarrier, type CarrierContent, type Extracted } from "./carrier.js";
import { CORRELATION_HEADER, isValidCorrelationId } from "./correlation.js";

/** Headers that can be asked for by name, such as fetch's `Headers`. */
export interface HeaderGetter {
  get(name: string): string | null | undefined;
}

/** Headers by name, such as Node's `IncomingHttpHeaders`. Names are compared without regard to case. */
export type HeaderRecord = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Headers to read from. */
export type HeaderSource = HeaderGetter | HeaderRecord | Iterable<readonly [name: string, value: string]>;

/** Headers that can be set by name, such as fetch's `Headers`. */
export interface HeaderSetter {
  set(name: string, value: string): unknown;
}

/** Headers to write to: a setter, or headers by name, such as Node's `OutgoingHttpHeaders`. */
export type HeaderTarget = HeaderSetter | Record<string, string | number | readonly string[] | undefined>;

/** What headers are made from. */
export interface HeaderContent extends CarrierContent {
  /** Sent as `x-correlation-id` if valid. It is put in the baggage only if it is in `baggage`. */
  readonly correlationId?: string | undefined;
}

const TRACEPARENT = "traceparent";
const TRACESTATE = "tracestate";
const BAGGAGE = "baggage";

type HeaderName = typeof TRACEPARENT | typeof TRACESTATE | typeof BAGGAGE | typeof CORRELATION_HEADER;

type HeaderTexts = { [Name in HeaderName]?: string };

/** The only header of ours that has this many characters: saves comparing every name of a request four times. */
function candidate(length: number): HeaderName | undefined {
  switch (length) {
    case TRACEPARENT.length:
      return TRACEPARENT;
    case TRACESTATE.length:
      return TRACESTATE;
    case BAGGAGE.length:
      return BAGGAGE;
    case CORRELATION_HEADER.length:
      return CORRELATION_HEADER;
    default:
      return undefined;
  }
}

function isNamed(name: string, header: HeaderName): boolean {
  return name === header || (name.length === header.length && name.toLowerCase() === header);
}

/** Adds one field to the texts if it is one of ours, joining it to those of the same name. */
function addField(texts: HeaderTexts, name: unknown, value: unknown): void {
  if (typeof name !== "string") return;
  const header = candidate(name.length);
  if (header === undefined || !isNamed(name, header)) return;
  const text = Array.isArray(value) ? value.join(",") : value;
  if (typeof text !== "string") return;
  const before = texts[header];
  texts[header] = before === undefined ? text : `${before},${text}`;
}

function isGetter(source: HeaderSource): source is HeaderGetter {
  // A Map has `get` too, but minds the case of names: it is read as pairs.
  return "get" in source && typeof source.get === "function" && !(source instanceof Map);
}

function isIterable(source: HeaderSource): source is Iterable<readonly [string, string]> {
  return Symbol.iterator in source && typeof source[Symbol.iterator] === "function";
}

function readAll(source: HeaderSource): HeaderTexts {
  const texts: HeaderTexts = {};
  if (isGetter(source)) {
    for (const name of [TRACEPARENT, TRACESTATE, BAGGAGE, CORRELATION_HEADER]) addField(texts, name, source.get(name));
  } else if (isIterable(source)) {
    for (const pair of source) {
      if (Array.isArray(pair)) addField(texts, pair[0], pair[1]);
    }
  } else {
    for (const name of Object.keys(source)) addField(texts, name, source[name]);
  }
  return texts;
}

/**
 * Reads what a request says about its caller. `X-Correlation-ID` has precedence over `correlation.id` in the baggage.
 * Two `traceparent` headers are as none.
 *
 * @param headers - fetch's `Headers`, Node's header object, or pairs
 * @returns what is well-formed; an empty result for anything else. Never throws.
 *
 * @example
 * ```ts
 * import { extractHeaders } from "convex-otel";
 *
 * const { spanContext, correlationId } = extractHeaders({
 *   traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
 *   "X-Correlation-ID": "evt_1",
 * });
 * ```
 */
export function extractHeaders(headers: HeaderSource): Extracted {
  try {
    if (typeof headers !== "object" || headers === null) return { baggage: [] };
    const texts = readAll(headers);
    const { traceparent } = texts;
    const single = traceparent?.includes(",") === true ? undefined : traceparent;
    return decodeValues(single, texts.tracestate, texts.baggage, texts[CORRELATION_HEADER]?.trim());
  } catch {
    // Only the source itself can throw; then nothing is known about the caller.
    return { baggage: [] };
  }
}

function isSetter(target: HeaderTarget): target is HeaderSetter {
  return typeof target.set === "function";
}

/** Sets a header under the name it already has, in whatever case: a second spelling would count as a second header. */
function setHeader(target: HeaderTarget, header: HeaderName, value: string): void {
  if (isSetter(target)) {
    target.set(header, value);
    return;
  }
  let isSet = false;
  for (const name of Object.keys(target)) {
    if (!isNamed(name, header)) continue;
    target[name] = value;
    isSet = true;
  }
  if (!isSet) target[header] = value;
}

/**
 * Sets the headers of an outgoing call. Headers for which there is nothing to say are left as they are; so are all if
 * they cannot be set (a frozen object, the `Headers` of a received request). Never throws.
 *
 * Here the caller says what to send; the public `injectHeaders` sends what is active.
 *
 * Baggage and correlation id can be read by everyone downstream: pass them only for hosts that you trust.
 *
 * @param headers - fetch's `Headers`, another object with `set(name, value)`, or a plain object
 * @returns `headers`, for chaining
 */
export function injectHeaders<Target extends HeaderTarget>(headers: Target, content: HeaderContent): Target {
  try {
    const { traceparent, tracestate, baggage } = encodeCarrier(content);
    if (traceparent !== undefined) setHeader(headers, TRACEPARENT, traceparent);
    if (tracestate !== undefined) setHeader(headers, TRACESTATE, tracestate);
    if (baggage !== undefined) setHeader(headers, BAGGAGE, baggage);
    const { correlationId } = content;
    if (isValidCorrelationId(correlationId)) setHeader(headers, CORRELATION_HEADER, correlationId);
  } catch {
    // A call without trace headers is better than no call.
  }
  return headers;
}
