/**
 * Spans to OTLP/JSON text, once per call. The text is one element of `resourceSpans`: it travels as a job argument or
 * in an outbox document, and delivery only joins texts. So nothing is ever decoded and encoded again on the way.
 *
 * Pure and free of platform code: it runs at the end of Convex mutations. It never throws, whatever attributes hold.
 */
import type { InstrumentationScope, Resource, SpanRecord } from "../core/types.js";
import { SCHEMA_URL, SCOPE_NAME, VERSION } from "../semconv/version.js";
import { attributeList } from "./anyValue.js";
import { encodeSpan } from "./encodeSpan.js";
import { bareSpan, cutSpan, withDroppedSpans } from "./shrinkSpan.js";
import { quote, utf8Length } from "./text.js";

/**
 * Default size of a text. About a quarter of the 1 MiB that a Convex document and its string fields may have
 * (https://docs.convex.dev/production/state/limits), so that a text fits wherever it has to wait.
 */
export const DEFAULT_MAX_TEXT_BYTES = 256_000;

/** Default number of spans in a text: the batch size of the OpenTelemetry SDKs (`OTEL_BSP_MAX_EXPORT_BATCH_SIZE`). */
export const DEFAULT_MAX_TEXT_SPANS = 512;

/** Room kept for the attribute that counts dropped spans: 81 bytes with a count of 2^53. */
const DROPPED_ATTRIBUTE_BYTES = 96;

/** A span larger than this part of a text is cut, rather than the spans after it dropped. */
const LARGEST_SHARE = 1 / 4;

/** Room for a span with nothing but its identity, and the part of a text that may be kept for such spans. */
const BARE_SPAN_BYTES = 400;
const RESERVED_SHARE = 1 / 2;

/** What to say about a call's spans, and how much room they have. */
export interface EncodeOptions {
  readonly resource: Resource;
  readonly scope: InstrumentationScope;
  /** Upper bound of the text in UTF-8 bytes. @defaultValue 256,000 */
  readonly maxBytes?: number;
  /** Upper bound of the number of spans. @defaultValue 512 */
  readonly maxSpans?: number;
}

/** The spans of one call, ready to travel. */
export interface EncodedSpans {
  /** One element of `resourceSpans`, as JSON. */
  readonly text: string;
  /** How many spans are in the text. */
  readonly spanCount: number;
  /** How many spans did not fit. The first span of the text has this number as `convex.telemetry.dropped_spans`. */
  readonly droppedSpans: number;
}

/**
 * Encodes the spans of one call.
 *
 * Spans that do not fit are dropped from the end and counted on the first span, which is the call's entry span and
 * always stays. A single very large span first has its longest strings cut. Only a resource that is itself larger than
 * `maxBytes` can make the text longer than that.
 *
 * @param spans - the entry span first
 * @returns the text and what was lost; never throws
 *
 * @example
 * ```ts
 * import { encodeSpans, joinTexts } from "convex-otel/otlp";
 * import type { SpanRecord } from "convex-otel";
 *
 * export function requestBody(spans: SpanRecord[]): string {
 *   const scope = { name: "my-library", version: "1.0.0" };
 *   const { text } = encodeSpans(spans, { resource: { attributes: { "service.name": "api" } }, scope });
 *   return joinTexts([text]);
 * }
 * ```
 */
export function encodeSpans(spans: readonly SpanRecord[], options: EncodeOptions): EncodedSpans {
  const { maxBytes = DEFAULT_MAX_TEXT_BYTES, maxSpans = DEFAULT_MAX_TEXT_SPANS } = options;
  const write = envelope(options);
  const all = spans.slice(0, maxSpans).map(tryEncode);
  const pieces = all.filter((piece) => piece !== undefined);
  const text = write(pieces);
  // No UTF-16 unit takes more than 3 bytes, so most texts need no exact count.
  if (pieces.length === spans.length && (text.length * 3 <= maxBytes || utf8Length(text) <= maxBytes)) {
    return { text, spanCount: pieces.length, droppedSpans: 0 };
  }
  const oneOfEachScope = new Map(pieces.map((piece) => [piece.scope, { ...piece, json: "" }])).values();
  const room = maxBytes - utf8Length(write([...oneOfEachScope])) - DROPPED_ATTRIBUTE_BYTES;
  const fitted = fit(spans, all, room);
  return { text: write(fitted), spanCount: fitted.length, droppedSpans: spans.length - fitted.length };
}

/**
 * Joins texts of {@link encodeSpans} into the body of an export request.
 *
 * @example
 * ```ts
 * import { joinTexts } from "convex-otel/otlp";
 *
 * export const post = (url: string, texts: readonly string[]) =>
 *   fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: joinTexts(texts) });
 * ```
 */
export function joinTexts(texts: readonly string[]): string {
  return `{"resourceSpans":[${texts.join(",")}]}`;
}

/**
 * Spans as a complete OTLP/JSON export request, without any limit. For own transports and for looking at spans.
 *
 * @param options - `scope` defaults to this library's own
 *
 * @example
 * ```ts
 * import { toOtlpJson } from "convex-otel/otlp";
 * import type { SpanRecord } from "convex-otel";
 *
 * export const dump = (spans: SpanRecord[]) =>
 *   toOtlpJson(spans, { resource: { attributes: { "service.name": "api" } } });
 * ```
 */
export function toOtlpJson(
  spans: readonly SpanRecord[],
  options: { readonly resource: Resource; readonly scope?: InstrumentationScope },
): string {
  const { resource, scope = { name: SCOPE_NAME, version: VERSION } } = options;
  return joinTexts([encodeSpans(spans, { resource, scope, maxBytes: Infinity, maxSpans: Infinity }).text]);
}

/** Writes what stands around the spans. Those of each library are together, in the order in which the libraries come. */
function envelope({ resource, scope }: EncodeOptions): (pieces: readonly Piece[]) => string {
  const head = `{"resource":{"attributes":${attributeList(resource.attributes)}},"scopeSpans":[`;
  const own = scopeText({ schemaUrl: SCHEMA_URL, ...scope });
  return (pieces) => {
    const scopes = new Map<string, string[]>([[pieces[0]?.scope ?? own, []]]);
    for (const piece of pieces) {
      const known = scopes.get(piece.scope ?? own);
      if (known === undefined) scopes.set(piece.scope ?? own, [piece.json]);
      else known.push(piece.json);
    }
    const elements = Array.from(scopes, ([text, spans]) => `{${text},"spans":[${spans.join(",")}]}`);
    return `${head}${elements.join(",")}],"schemaUrl":"${SCHEMA_URL}"}`;
  };
}

/** A scope and its schema, as members of an element of `scopeSpans`. */
function scopeText({ name, version, schemaUrl }: InstrumentationScope): string {
  const versionText = version === undefined ? "" : `,"version":${quote(version)}`;
  const schemaText = schemaUrl === undefined ? "" : `,"schemaUrl":${quote(schemaUrl)}`;
  return `"scope":{"name":${quote(name)}${versionText}}${schemaText}`;
}

/** A span as JSON. */
interface Piece {
  readonly span: SpanRecord;
  readonly json: string;
  /** Of another library. */
  readonly scope: string | undefined;
}

function encodePiece(span: SpanRecord): Piece {
  return { span, json: encodeSpan(span), scope: span.scope && scopeText(span.scope) };
}

/** A span as JSON, or undefined if it is so broken that it cannot be told (its own fields throw). */
function tryEncode(span: SpanRecord): Piece | undefined {
  try {
    return encodePiece(span);
  } catch {
    return undefined;
  }
}

/**
 * The spans that fit into `room` bytes, in order, with the loss counted on the first.
 *
 * @param encoded - the spans as they were encoded already, so that none is encoded twice; undefined for a broken one
 */
function fit(spans: readonly SpanRecord[], encoded: readonly (Piece | undefined)[], room: number): readonly Piece[] {
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
