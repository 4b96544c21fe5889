/**
 * Attribute values as exporters of the OpenTelemetry SDK can carry them. They know fewer types than this library: they drop what
 * they do not know, and some numbers that they write make a receiver refuse the whole request.
 */
import type { AttributeValue as SdkValue, Attributes as SdkAttributes } from "@opentelemetry/api";
import type { Attributes, AttributeValue } from "../core/types.js";
import { base64 } from "../otlp/base64.js";

/** Integers from here on do not fit the 64 bits that the exporter gives to every whole number. */
const INT64_END = 2 ** 63;

/**
 * A value that has been admitted. Bytes become base64, and text is what is left of numbers that could not be sent: integers
 * beyond 2^53 that are exact (`bigint`) or beyond 64 bits, infinities, NaN.
 */
export function sdkValue(value: AttributeValue): SdkValue {
  if (value instanceof Uint8Array) return base64(value);
  if (!Array.isArray(value)) return scalar(value as Exclude<AttributeValue, readonly unknown[] | Uint8Array>);
  const items = (value as readonly (string | number | boolean | bigint | null | undefined)[])
    .filter((item) => item !== null && item !== undefined)
    .map(scalar);
  // Of one type, as the SDK wants them: where one number had to become text, all do.
  const isMixed = items.some((item) => typeof item !== typeof items[0]);
  return (isMixed ? items.map(String) : items) as SdkValue;
}

/** Attributes that have been admitted: as a rule the same object, since there is nothing to change. */
export function sdkAttributes(attributes: Attributes): SdkAttributes {
  for (const name in attributes) {
    const value = attributes[name];
    if (value === undefined || sdkValue(value) !== value) return changedAttributes(attributes);
  }
  return attributes as SdkAttributes;
}

function changedAttributes(attributes: Attributes): SdkAttributes {
  const values: SdkAttributes = {};
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) values[name] = sdkValue(value);
  return values;
}

/** ES2024: on every server, but not in the types of this project. */
type Es2024String = string & { toWellFormed(): string };

/** Text that every receiver takes: protobuf has no lone surrogates. */
export function wellFormed(text: string): string {
  return (text as Es2024String).toWellFormed();
}

function scalar(value: string | number | boolean | bigint): string | number | boolean {
  switch (typeof value) {
    case "string":
      return wellFormed(value);
    case "number":
      return Math.abs(value) < INT64_END || (Number.isFinite(value) && !Number.isInteger(value))
        ? value
        : String(value);
    case "bigint":
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    default:
      return value;
  }
}
