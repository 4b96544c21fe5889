/**
 * OTLP/JSON back to spans, checking every rule on the way. The encoder's tests and the receiver stand on it: an export
 * that a lenient backend swallows but another one refuses has to fail in a test, not in production.
 *
 * Field names and meaning: opentelemetry-proto v1.11.0, `trace/v1/trace.proto`.
 */
import type {
  Attributes,
  EventRecord,
  InstrumentationScope,
  LinkRecord,
  SpanContext,
  SpanKind,
  SpanRecord,
  SpanStatus,
  StatusCode,
} from "../core/types.js";
import { decodeAttributes } from "./decodeAttributes.js";
import { JsonPlace, type OtlpValidation, type ReadContext } from "./jsonPlace.js";
import { OtlpValidationError } from "./otlpValidationError.js";

/** A span as it arrived, with what it was grouped under. */
export interface DecodedSpan extends SpanRecord {
  /** Attributes of the resource: `service.name` and so on. */
  readonly resource: Attributes;
  /** The library that recorded the span. */
  readonly scope: InstrumentationScope;
  /** `startTime` as it was sent, in nanoseconds: a `number` of milliseconds cannot hold all its digits. */
  readonly startTimeUnixNano: string;
  /** `endTime` as it was sent, in nanoseconds. */
  readonly endTimeUnixNano: string;
}

/** Options of {@link decodeOtlp}. */
export interface DecodeOtlpOptions {
  /**
   * - `"strict"`: what this library promises to send: lower-case ids, 64-bit integers as strings, no unknown or empty
   *   fields, a kind on each span, a message on error statuses only.
   * - `"interoperable"`: what every OTLP receiver must accept: also 64-bit integers as JSON numbers, upper-case ids,
   *   unknown fields and empty values. Needed for requests of the stock JavaScript exporter.
   *
   * @defaultValue `"strict"`
   */
  readonly validation?: OtlpValidation;
}

/** `SpanKind` by its protobuf number. 0 is "unspecified", which receivers may take as internal. */
const KINDS: readonly SpanKind[] = ["internal", "internal", "server", "client", "producer", "consumer"];

/** `SpanFlags` of trace.proto: the low byte is W3C's, two bits say whether the parent is remote, all others are 0. */
const TRACE_FLAGS = 0xff;
const REMOTENESS_KNOWN = 0x100;
const IS_REMOTE = 0x200;

const SPAN_FIELDS = [
  "traceId",
  "spanId",
  "traceState",
  "parentSpanId",
  "flags",
  "name",
  "kind",
  "startTimeUnixNano",
  "endTimeUnixNano",
  "attributes",
  "droppedAttributesCount",
  "events",
  "droppedEventsCount",
  "links",
  "droppedLinksCount",
  "status",
];

/**
 * Decodes the body of an OTLP/JSON trace export (`ExportTraceServiceRequest`) and validates all of it.
 *
 * Integers come back as `number` where that is exact and as `bigint` otherwise, maps as JSON text.
 *
 * @param body - The request body, decompressed.
 * @returns The spans in the order of the document.
 * @throws {@link OtlpValidationError} listing every problem with its path.
 *
 * @example
 * ```ts
 * import { decodeOtlp, spanTree } from "convex-otel/testing";
 *
 * const body = '{"resourceSpans":[]}';
 * console.log(spanTree(decodeOtlp(body)));
 * ```
 */
export function decodeOtlp(body: string, options: DecodeOtlpOptions = {}): DecodedSpan[] {
  const context: ReadContext = { validation: options.validation ?? "strict", problems: [] };
  const spans = decodeRequest(new JsonPlace(parse(body), "", context));
  if (context.problems.length > 0) throw new OtlpValidationError(context.problems);
  return spans;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OtlpValidationError([{ path: "$", message: `is not JSON: ${reason}` }]);
  }
}

function decodeRequest(request: JsonPlace): DecodedSpan[] {
  if (!request.fields(["resourceSpans"])) return [];
  const groups = request.at("resourceSpans");
  if (groups.isAbsent && request.strict) groups.problem("is required");
  return groups.items().flatMap(decodeResourceSpans);
}

function decodeResourceSpans(group: JsonPlace): DecodedSpan[] {
  if (!group.fields(["resource", "scopeSpans", "schemaUrl"])) return [];
  group.at("schemaUrl").text();
  const resource = decodeResource(group.at("resource"));
  return group
    .at("scopeSpans")
    .items()
    .flatMap((scopeSpans) => decodeScopeSpans(scopeSpans, resource));
}

function decodeResource(resource: JsonPlace): Attributes {
  if (resource.isAbsent || !resource.fields(["attributes", "droppedAttributesCount", "entityRefs"])) return {};
  resource.at("droppedAttributesCount").uint32();
  return decodeAttributes(resource.at("attributes"));
}

function decodeScopeSpans(group: JsonPlace, resource: Attributes): DecodedSpan[] {
  if (!group.fields(["scope", "spans", "schemaUrl"])) return [];
  const scope = decodeScope(group.at("scope"), group.at("schemaUrl").text());
  return group
    .at("spans")
    .items()
    .flatMap((span) => (span.fields(SPAN_FIELDS) ? [decodeSpan(span, resource, scope)] : []));
}

function decodeScope(scope: JsonPlace, schemaUrl: string): InstrumentationScope {
  if (scope.isAbsent || !scope.fields(["name", "version", "attributes", "droppedAttributesCount"])) return { name: "" };
  decodeAttributes(scope.at("attributes"));
  scope.at("droppedAttributesCount").uint32();
  const version = scope.at("version").text();
  return {
    name: scope.at("name").text(),
    ...(version === "" ? {} : { version }),
    ...(schemaUrl === "" ? {} : { schemaUrl }),
  };
}

function decodeSpan(span: JsonPlace, resource: Attributes, scope: InstrumentationScope): DecodedSpan {
  const flags = decodeFlags(span.at("flags"));
  return {
    name: span.at("name").requiredText(),
    kind: decodeKind(span.at("kind")),
    traceId: span.at("traceId").id(32),
    spanId: span.at("spanId").id(16),
    traceFlags: flags & TRACE_FLAGS,
    ...decodeTraceState(span),
    ...decodeParent(span),
    parentIsRemote: (flags & IS_REMOTE) !== 0,
    ...decodeTimes(span),
    attributes: decodeAttributes(span.at("attributes")),
    events: span.at("events").items().flatMap(decodeEvent),
    links: span.at("links").items().flatMap(decodeLink),
    status: decodeStatus(span.at("status")),
    droppedAttributesCount: span.at("droppedAttributesCount").uint32(),
    droppedEventsCount: span.at("droppedEventsCount").uint32(),
    droppedLinksCount: span.at("droppedLinksCount").uint32(),
    resource,
    scope,
  };
}

function decodeKind(place: JsonPlace): SpanKind {
  const kind = place.enumeration(5, "1 internal, 2 server, 3 client, 4 producer, 5 consumer");
  if (kind === 0 && place.strict && (place.isAbsent || place.value === 0)) place.problem("is required; 1 is internal");
  return KINDS[kind] ?? "internal";
}

function decodeFlags(place: JsonPlace): number {
  const flags = place.uint32();
  const unknown = flags & ~(TRACE_FLAGS | REMOTENESS_KNOWN | IS_REMOTE);
  if (unknown !== 0) place.problem(`has bits that mean nothing: 0x${(unknown >>> 0).toString(16)}`);
  if ((flags & IS_REMOTE) !== 0 && (flags & REMOTENESS_KNOWN) === 0) {
    place.problem("has 0x200 (remote) without 0x100 (remoteness known), so readers ignore it");
  }
  return flags;
}

function decodeTraceState(place: JsonPlace): { traceState?: string } {
  const traceState = place.at("traceState").text();
  return traceState === "" ? {} : { traceState };
}

function decodeParent(span: JsonPlace): { parentSpanId?: string } {
  const parent = span.at("parentSpanId");
  if (parent.isAbsent || parent.value === "") return {};
  const parentSpanId = parent.id(16);
  if (parentSpanId === span.at("spanId").value) parent.problem("is the span itself");
  return { parentSpanId };
}

type Times = Pick<DecodedSpan, "startTime" | "endTime" | "startTimeUnixNano" | "endTimeUnixNano">;

function decodeTimes(span: JsonPlace): Times {
  const start = span.at("startTimeUnixNano").nanos();
  const end = span.at("endTimeUnixNano").nanos();
  if (start !== undefined && end !== undefined && end < start)
    span.at("endTimeUnixNano").problem(`is ${start - end} ns before startTimeUnixNano`);
  return {
    startTime: toMilliseconds(start),
    endTime: toMilliseconds(end),
    startTimeUnixNano: String(start ?? 0n),
    endTimeUnixNano: String(end ?? 0n),
  };
}

/** Whole and fractional milliseconds apart: converting all the nanoseconds to a `number` first would lose 8 bits. */
function toMilliseconds(nanos: bigint = 0n): number {
  return Number(nanos / 1_000_000n) + Number(nanos % 1_000_000n) / 1e6;
}

function decodeEvent(event: JsonPlace): EventRecord[] {
  if (!event.fields(["timeUnixNano", "name", "attributes", "droppedAttributesCount"])) return [];
  return [
    {
      name: event.at("name").requiredText(),
      time: toMilliseconds(event.at("timeUnixNano").nanos()),
      attributes: decodeAttributes(event.at("attributes")),
      droppedAttributesCount: event.at("droppedAttributesCount").uint32(),
    },
  ];
}

function decodeLink(link: JsonPlace): LinkRecord[] {
  if (!link.fields(["traceId", "spanId", "traceState", "attributes", "droppedAttributesCount", "flags"])) return [];
  const flags = decodeFlags(link.at("flags"));
  const context: SpanContext = {
    traceId: link.at("traceId").id(32),
    spanId: link.at("spanId").id(16),
    traceFlags: flags & TRACE_FLAGS,
    ...decodeTraceState(link),
    ...((flags & REMOTENESS_KNOWN) === 0 ? {} : { isRemote: (flags & IS_REMOTE) !== 0 }),
  };
  const attributes = decodeAttributes(link.at("attributes"));
  return [{ context, attributes, droppedAttributesCount: link.at("droppedAttributesCount").uint32() }];
}

function decodeStatus(status: JsonPlace): SpanStatus {
  if (status.isAbsent || !status.fields(["message", "code"])) return { code: 0 };
  const code = toStatusCode(status.at("code").enumeration(2, "0 unset, 1 ok, 2 error"));
  const message = status.at("message").text();
  // "Description MUST only be used with the Error StatusCode value": opentelemetry-specification, trace/api.md.
  if (message !== "" && code !== 2 && status.strict) status.at("message").problem("belongs to an error (code 2) only");
  return message === "" ? { code } : { code, message };
}

function toStatusCode(code: number): StatusCode {
  return code === 1 || code === 2 ? code : 0;
}
