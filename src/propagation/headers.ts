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

const NAMES: readonly string[] = ["traceparent", "tracestate", "baggage", CORRELATION_HEADER];

type Texts = Partial<Record<string, string>>;

/** The text of each of our headers, whatever shape they have: fields of one name are joined. */
function textsOf(source: HeaderSource): Texts {
  const texts: Texts = {};
  // A Map has `get` too, but minds the case of names: it is read as pairs.
  if ("get" in source && typeof source.get === "function" && !(source instanceof Map)) {
    for (const name of NAMES) addField(texts, name, (source as HeaderGetter).get(name));
  } else if (Symbol.iterator in source && typeof source[Symbol.iterator] === "function") {
    for (const [name, value] of source as Iterable<readonly [string, string]>) addField(texts, String(name), value);
  } else {
    for (const name of Object.keys(source)) addField(texts, name, (source as HeaderRecord)[name]);
  }
  return texts;
}

function addField(texts: Texts, name: string, value: unknown): void {
  const header = name.toLowerCase();
  if (!NAMES.includes(header)) return;
  const text: unknown = Array.isArray(value) ? value.join() : value;
  if (typeof text !== "string") return;
  const before = texts[header];
  texts[header] = before === undefined ? text : `${before},${text}`;
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
    const { traceparent, tracestate, baggage, [CORRELATION_HEADER]: correlationId } = textsOf(headers);
    const single = traceparent?.includes(",") === true ? undefined : traceparent;
    return decodeValues(single, tracestate, baggage, correlationId?.trim());
  } catch {
    // Only the source itself can throw; then nothing is known about the caller.
    return { baggage: [] };
  }
}

/** Sets a header under the name it already has, in whatever case: a second spelling would count as a second header. */
function setHeader(target: HeaderTarget, header: string, value: string): void {
  if (typeof target.set === "function") {
    (target as HeaderSetter).set(header, value);
    return;
  }
  const record = target as Record<string, unknown>;
  const spellings = Object.keys(record).filter((name) => name.toLowerCase() === header);
  for (const name of spellings.length === 0 ? [header] : spellings) record[name] = value;
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
    const { correlationId } = content;
    const fields: Record<string, string> = { ...encodeCarrier(content) };
    if (isValidCorrelationId(correlationId)) fields[CORRELATION_HEADER] = correlationId;
    for (const [name, value] of Object.entries(fields)) setHeader(headers, name, value);
  } catch {
    // A call without trace headers is better than no call.
  }
  return headers;
}
