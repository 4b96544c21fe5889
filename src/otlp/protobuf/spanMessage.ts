/**
 * One span as a `Span` message: the same fields as in JSON (../encodeSpan.ts), with those at their default left out.
 *
 * An id that is no id would make a receiver refuse the whole request, where JSON is no different. Since a request holds
 * the spans of many calls here, such a span is refused instead, and such a link is dropped and counted.
 */
import type { EventRecord, LinkRecord, SpanRecord, SpanStatus } from "../../core/types.js";
import { flags, kindNumber } from "../encodeSpan.js";
import { attributeFields } from "./attributeFields.js";
import { parentIdField, spanIdField, traceIdField } from "./idField.js";
import type { ProtoWriter } from "./protoWriter.js";
import * as tags from "./tags.js";
import { unixNanoField } from "./unixNanoField.js";

/**
 * Writes the content of a `Span`. Throws what its own fields throw.
 *
 * @returns false if it has no usable id
 */
export function spanMessage(writer: ProtoWriter, span: SpanRecord): boolean {
  if (!traceIdField(writer, tags.SPAN_TRACE_ID, span.traceId)) return false;
  if (!spanIdField(writer, tags.SPAN_SPAN_ID, span.spanId)) return false;
  writer.textField(tags.SPAN_TRACE_STATE, span.traceState);
  parentIdField(writer, tags.SPAN_PARENT_SPAN_ID, span.parentSpanId);
  writer.textField(tags.SPAN_NAME, span.name);
  writer.varintField(tags.SPAN_KIND, kindNumber(span.kind));
  unixNanoField(writer, tags.SPAN_START_TIME, span.startTime);
  // A receiver may refuse a span that ends before it starts.
  unixNanoField(writer, tags.SPAN_END_TIME, span.endTime > span.startTime ? span.endTime : span.startTime);
  attributeFields(writer, tags.SPAN_ATTRIBUTES, span.attributes);
  countField(writer, tags.SPAN_DROPPED_ATTRIBUTES, span.droppedAttributesCount);
  for (const event of span.events) eventField(writer, event);
  countField(writer, tags.SPAN_DROPPED_EVENTS, span.droppedEventsCount);
  const lostLinks = linkFields(writer, span.links);
  countField(writer, tags.SPAN_DROPPED_LINKS, Math.max(0, span.droppedLinksCount) + lostLinks);
  statusField(writer, span.status);
  writer.fixed32Field(tags.SPAN_FLAGS, flags(span.traceFlags, span.parentIsRemote));
  return true;
}

/** Counts are unsigned 32-bit fields. */
function countField(writer: ProtoWriter, tag: number, count: number): void {
  if (count > 0) writer.varintField(tag, count >>> 0);
}

function statusField(writer: ProtoWriter, { code, message }: SpanStatus): void {
  if (code === 0 && !message) return;
  const start = writer.open(tags.SPAN_STATUS);
  writer.textField(tags.STATUS_MESSAGE, message);
  writer.varintField(tags.STATUS_CODE, code >>> 0);
  writer.close(start);
}

function eventField(writer: ProtoWriter, event: EventRecord): void {
  const start = writer.open(tags.SPAN_EVENTS);
  unixNanoField(writer, tags.EVENT_TIME, event.time);
  writer.textField(tags.EVENT_NAME, event.name);
  attributeFields(writer, tags.EVENT_ATTRIBUTES, event.attributes);
  countField(writer, tags.EVENT_DROPPED_ATTRIBUTES, event.droppedAttributesCount);
  writer.close(start);
}

/** Returns how many links had no usable ids. */
function linkFields(writer: ProtoWriter, links: readonly LinkRecord[]): number {
  let lost = 0;
  for (const link of links) {
    const before = writer.length;
    const start = writer.open(tags.SPAN_LINKS);
    if (linkMessage(writer, link)) {
      writer.close(start);
    } else {
      writer.rewind(before);
      lost++;
    }
  }
  return lost;
}

function linkMessage(writer: ProtoWriter, link: LinkRecord): boolean {
  const { traceId, spanId, traceState, traceFlags, isRemote } = link.context;
  if (!traceIdField(writer, tags.LINK_TRACE_ID, traceId)) return false;
  if (!spanIdField(writer, tags.LINK_SPAN_ID, spanId)) return false;
  writer.textField(tags.LINK_TRACE_STATE, traceState);
  attributeFields(writer, tags.LINK_ATTRIBUTES, link.attributes);
  countField(writer, tags.LINK_DROPPED_ATTRIBUTES, link.droppedAttributesCount);
  writer.fixed32Field(tags.LINK_FLAGS, flags(traceFlags, isRemote));
  return true;
}
