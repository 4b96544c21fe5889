/**
 * The small pieces of text that the span tree and the waterfall have in common.
 */
import type { AttributeValue, Attributes, SpanContext, SpanRecord } from "../core/types.js";
import { ERROR_TYPE } from "../semconv/attributes.js";
import { spanKey } from "./spanForest.js";

/** Span names by span, to say what a link points at. */
export type SpanNames = ReadonlyMap<string, string>;

/** Collects {@link SpanNames}. */
export function spanNames(spans: readonly SpanRecord[]): SpanNames {
  return new Map(spans.map((span) => [spanKey(span.traceId, span.spanId), oneLine(span.name)]));
}

/**
 * Text without line breaks and control characters. A name comes from outside, and a terminal obeys escape sequences.
 */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}|[\u2028\u2029]/gu, (char) => JSON.stringify(char).slice(1, -1).replace(char, "\ufffd"));
}

/** `error.type`, else the status message, else nothing; undefined if the span is no error. */
export function errorText(span: SpanRecord): string | undefined {
  if (span.status.code !== 2) return undefined;
  const type = span.attributes[ERROR_TYPE];
  return oneLine(typeof type === "string" && type !== "" ? type : (span.status.message ?? ""));
}

/** The chosen attributes, as ` {name=value other="two words"}`, in the order chosen; `""` if it has none of them. */
export function attributesText(attributes: Attributes, names: readonly string[]): string {
  const parts = names.flatMap((name) => {
    const value = attributes[name];
    return value === undefined ? [] : [`${oneLine(name)}=${valueText(value)}`];
  });
  return parts.length === 0 ? "" : ` {${parts.join(" ")}}`;
}

/** A value as text: words as they are, other texts quoted. */
export function valueText(value: AttributeValue): string {
  if (typeof value === "string") return /^[\w.:/@#+-]+$/.test(value) ? value : JSON.stringify(value);
  if (value instanceof Uint8Array)
    return `bytes(${Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("")})`;
  if (typeof value === "object") return `[${value.map(itemText).join(",")}]`;
  return String(value);
}

function itemText(item: string | number | boolean | bigint | null | undefined): string {
  return item === null || item === undefined ? "null" : valueText(item);
}

/** The name of the span a link points at, or the first half of its ids where it is not known. */
export function linkTarget(target: SpanContext, names: SpanNames): string {
  const name = names.get(spanKey(target.traceId, target.spanId));
  return name ?? `${target.traceId.slice(0, 8)}/${target.spanId.slice(0, 8)}`;
}

/** A duration with three digits at most and the unit that fits: `850µs`, `12.5ms`, `1.25s`, `2m05s`, `3h07m`. */
export function durationText(ms: number): string {
  if (ms === 0) return "0ms";
  // The bounds are half a last digit below the unit, so that rounding never prints 1000ms or 60s.
  if (ms < 0.9995) return `${threeDigits(ms * 1000)}µs`;
  if (ms < 999.5) return `${threeDigits(ms)}ms`;
  if (ms < 59_950) return `${threeDigits(ms / 1000)}s`;
  if (ms < 3_599_500) return twoUnits(Math.round(ms / 1000), "m", "s");
  return twoUnits(Math.round(ms / 60_000), "h", "m");
}

function threeDigits(value: number): string {
  const decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return String(Number(value.toFixed(decimals)));
}

function twoUnits(total: number, large: string, small: string): string {
  return `${Math.floor(total / 60)}${large}${String(total % 60).padStart(2, "0")}${small}`;
}
