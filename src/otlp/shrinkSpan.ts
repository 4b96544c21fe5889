/**
 * Making a span smaller when it does not fit a request: a prompt or a response body that somebody set as an attribute
 * must not cost the whole trace. Rare, so it is written to be plain, not fast.
 */
import type { Attributes, AttributeValue, SpanRecord } from "../core/types.js";
import { CONVEX_TELEMETRY_DROPPED_SPANS as DROPPED_SPANS } from "../semconv/attributes.js";
import { attributeNames } from "./anyValue.js";

/** Strings are cut to each of these lengths in turn until the span fits. Halving keeps the number of tries small. */
const LONGEST_CUT = 65_536;
const SHORTEST_CUT = 64;

/**
 * @internal
 * The span with its longest strings cut as little as halving allows, or undefined if that is not enough.
 */
export function cutSpan(span: SpanRecord, fits: (candidate: SpanRecord) => boolean): SpanRecord | undefined {
  for (let length = LONGEST_CUT; length >= SHORTEST_CUT; length /= 2) {
    const candidate = cutStrings(span, length);
    if (fits(candidate)) return candidate;
  }
  return undefined;
}

/** @internal The span with its identity, times and status only; what it loses is counted in the dropped counts. */
export function bareSpan(span: SpanRecord): SpanRecord {
  const { traceState, ...cut } = cutStrings(span, SHORTEST_CUT);
  // A short trace state is worth keeping: it holds the sampling threshold.
  const state = traceState !== undefined && traceState.length <= SHORTEST_CUT ? { traceState } : {};
  return {
    ...cut,
    ...state,
    attributes: {},
    droppedAttributesCount: span.droppedAttributesCount + attributeNames(span.attributes).length,
    events: [],
    droppedEventsCount: span.droppedEventsCount + span.events.length,
    links: [],
    droppedLinksCount: span.droppedLinksCount + span.links.length,
  };
}

/** @internal The span with `count` added to what it says about lost spans. */
export function withDroppedSpans(span: SpanRecord, count: number): SpanRecord {
  const attributes = copy(span.attributes, (value) => value);
  const before = attributes[DROPPED_SPANS];
  const known = typeof before === "number" || typeof before === "bigint" ? Number(before) : 0;
  return { ...span, attributes: { ...attributes, [DROPPED_SPANS]: known + count } };
}

function cutStrings(span: SpanRecord, length: number): SpanRecord {
  const cutAll = <T extends { readonly attributes: Attributes }>(item: T): T => ({
    ...item,
    attributes: copy(item.attributes, (value) => cutValue(value, length)),
  });
  const { message } = span.status;
  return {
    ...cutAll(span),
    name: cut(span.name, length),
    status: message === undefined ? span.status : { code: span.status.code, message: cut(message, length) },
    events: span.events.map(cutAll),
    links: span.links.map(cutAll),
  };
}

/** Copies what can be read: an attribute whose getter throws is left out, as the encoder would. */
function copy(attributes: Attributes, change: (value: AttributeValue) => AttributeValue): Attributes {
  const entries: [string, AttributeValue][] = [];
  for (const name of attributeNames(attributes)) {
    try {
      const value = attributes[name];
      if (value !== undefined) entries.push([name, change(value)]);
    } catch {
      continue;
    }
  }
  // Not by assignment: a name such as `__proto__` must stay an attribute.
  return Object.fromEntries(entries);
}

function cutValue(value: AttributeValue, length: number): AttributeValue {
  if (typeof value === "string") return cut(value, length);
  return isStrings(value) ? value.map((item) => (typeof item === "string" ? cut(item, length) : item)) : value;
}

function isStrings(value: AttributeValue): value is readonly (string | null | undefined)[] {
  return Array.isArray(value) && value.some((item) => typeof item === "string");
}

/** Cuts without leaving half of a surrogate pair. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}
