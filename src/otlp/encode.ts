/**
 * Spans to OTLP/JSON text, once per call. The text is one element of `resourceSpans`: it travels as a job argument or
 * in an outbox document, and delivery only joins texts. So nothing is ever decoded and encoded again on the way.
 *
 * Pure and free of platform code: it runs at the end of Convex mutations. It never throws, whatever attributes hold.
 */
import type { InstrumentationScope, Resource, SpanRecord } from "../core/types.js";
import { SCHEMA_URL, SCOPE_NAME, VERSION } from "../semconv/version.js";
import { attributeList } from "./anyValue.js";
import { type Piece, scopeText, tryEncode } from "./encodeSpan.js";
import { fit } from "./fitSpans.js";
import { utf8Length } from "./text.js";

/**
 * Default size of a text. About a quarter of the 1 MiB that a Convex document and its string fields may have
 * (https://docs.convex.dev/production/state/limits), so that a text fits wherever it has to wait.
 */
export const DEFAULT_MAX_TEXT_BYTES = 256_000;

/** Default number of spans in a text: the batch size of the OpenTelemetry SDKs (`OTEL_BSP_MAX_EXPORT_BATCH_SIZE`). */
export const DEFAULT_MAX_TEXT_SPANS = 512;

/** Room kept for the attribute that counts dropped spans: 81 bytes with a count of 2^53. */
const DROPPED_ATTRIBUTE_BYTES = 96;

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
