/**
 * One span as OTLP/JSON text. Written straight into a string: a tree of objects would cost an allocation for each
 * attribute, and every Convex call that is traced pays for this code cold.
 *
 * Field names and numbers: opentelemetry-proto v1.11.0, `opentelemetry/proto/trace/v1/trace.proto`. Fields at their
 * protobuf default are left out.
 */
import type { EventRecord, InstrumentationScope, LinkRecord, SpanKind, SpanRecord, SpanStatus } from "../core/types.js";
import { attributeList } from "./anyValue.js";
import { quote } from "./text.js";
import { unixNano } from "./unixNano.js";

/** `SpanFlags` of trace.proto: the lower 8 bits are the W3C trace flags. */
const TRACE_FLAGS_MASK = 0xff;
/** `SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK`: whether the parent was remote is known. */
const HAS_IS_REMOTE = 0x100;
/** `SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK`: it was. */
const IS_REMOTE = 0x200;

/** @internal A span as an element of `scopeSpans[].spans`. */
export function encodeSpan(span: SpanRecord): string {
  const start = unixNano(span.startTime);
  // A receiver may refuse a span that ends before it starts.
  const end = span.endTime > span.startTime ? unixNano(span.endTime) : start;
  return (
    `{"traceId":${quote(span.traceId)},"spanId":${quote(span.spanId)}${identity(span)}` +
    `,"name":${quote(span.name)},"kind":${kindNumber(span.kind)}` +
    `,"startTimeUnixNano":"${start}","endTimeUnixNano":"${end}","attributes":${attributeList(span.attributes)}` +
    `${dropped("Attributes", span.droppedAttributesCount)}${events(span.events)}` +
    `${dropped("Events", span.droppedEventsCount)}${links(span.links)}${dropped("Links", span.droppedLinksCount)}` +
    `,"status":${status(span.status)}}`
  );
}

/** @internal A scope and its schema, as members of an element of `scopeSpans`. */
export function scopeText({ name, version, schemaUrl }: InstrumentationScope): string {
  const versionText = version === undefined ? "" : `,"version":${quote(version)}`;
  const schemaText = schemaUrl === undefined ? "" : `,"schemaUrl":${quote(schemaUrl)}`;
  return `"scope":{"name":${quote(name)}${versionText}}${schemaText}`;
}

/** @internal A span as JSON. */
export interface Piece {
  readonly span: SpanRecord;
  readonly json: string;
  /** Of another library. */
  readonly scope: string | undefined;
}

/** @internal The span with its JSON. */
export function encodePiece(span: SpanRecord): Piece {
  return { span, json: encodeSpan(span), scope: span.scope && scopeText(span.scope) };
}

/** @internal A span as JSON, or undefined if it is so broken that it cannot be told (its own fields throw). */
export function tryEncode(span: SpanRecord): Piece | undefined {
  try {
    const piece = encodePiece(span);
    // Reading a character makes one string of the many it was put together from. Else those of all spans live until the
    // end, and the garbage collector copies them: of a call of 10,000 spans that took nine tenths of the time.
    return piece.json.charAt(0) === "" ? undefined : piece;
  } catch {
    return undefined;
  }
}

/** Parent, flags and state: what a span shares with the calls around it. */
function identity(span: SpanRecord): string {
  const state = span.traceState ? `,"traceState":${quote(span.traceState)}` : "";
  const parent = span.parentSpanId ? `,"parentSpanId":${quote(span.parentSpanId)}` : "";
  return `${state}${parent},"flags":${flags(span.traceFlags, span.parentIsRemote)}`;
}

/** @internal Remoteness is sent only where it is known: for a link without `isRemote` neither bit is set. */
export function flags(traceFlags: number, remote: boolean | undefined): number {
  const known = remote === undefined ? 0 : HAS_IS_REMOTE;
  return (traceFlags & TRACE_FLAGS_MASK) | known | (remote ? IS_REMOTE : 0);
}

/** @internal `SpanKind` of trace.proto. The JSON mapping of OTLP takes numbers only. */
export function kindNumber(kind: SpanKind): number {
  switch (kind) {
    case "server":
      return 2;
    case "client":
      return 3;
    case "producer":
      return 4;
    case "consumer":
      return 5;
    default:
      return 1;
  }
}

function status(value: SpanStatus): string {
  return value.message ? `{"code":${value.code},"message":${quote(value.message)}}` : `{"code":${value.code}}`;
}

/** Counts are unsigned 32-bit fields. */
function dropped(what: "Attributes" | "Events" | "Links", count: number): string {
  return count > 0 ? `,"dropped${what}Count":${count >>> 0}` : "";
}

function events(records: readonly EventRecord[]): string {
  if (records.length === 0) return "";
  return `,"events":[${records.map(encodeEvent).join(",")}]`;
}

function encodeEvent(event: EventRecord): string {
  const count = dropped("Attributes", event.droppedAttributesCount);
  return `{"timeUnixNano":"${unixNano(event.time)}","name":${quote(event.name)},"attributes":${attributeList(event.attributes)}${count}}`;
}

function links(records: readonly LinkRecord[]): string {
  if (records.length === 0) return "";
  return `,"links":[${records.map(encodeLink).join(",")}]`;
}

function encodeLink(link: LinkRecord): string {
  const { traceId, spanId, traceState, traceFlags, isRemote } = link.context;
  const state = traceState ? `,"traceState":${quote(traceState)}` : "";
  const count = dropped("Attributes", link.droppedAttributesCount);
  return `{"traceId":${quote(traceId)},"spanId":${quote(spanId)}${state},"flags":${flags(traceFlags, isRemote)},"attributes":${attributeList(link.attributes)}${count}}`;
}
