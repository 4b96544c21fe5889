/**
 * Attributes as OTLP/JSON. The mapping follows the OpenTelemetry rules for attribute values
 * (https://opentelemetry.io/docs/specs/otel/common/#attribute) and the protobuf JSON mapping: 64-bit integers are
 * strings, bytes are base64, not-a-number and infinities are strings.
 *
 * Values come from user code, so nothing is taken for granted: a getter or a proxy that throws, a function, a symbol or
 * a circular object costs its own attribute and nothing else.
 */
import type { Attributes } from "../core/types.js";
import { base64 } from "./base64.js";
import { quote } from "./text.js";

/**
 * @internal
 * An array of more items is dropped. At 17 characters for the shortest item it would not fit a request anyway, and a
 * sparse array may claim 2^32 items, which would stop the call for seconds.
 */
export const MAX_ARRAY_ITEMS = 50_000;

/** More names than the attributes of one instrumented program have. */
const MAX_KEY_TEXTS = 500;

const keyTexts = new Map<string, string>();

/**
 * @internal
 * A JSON array of `{"key", "value"}` objects. Attributes without a value that OTLP knows are left out.
 */
export function attributeList(attributes: Attributes): string {
  let list = "";
  for (const name of attributeNames(attributes)) {
    const value = attributeValue(attributes, name);
    if (value !== undefined) list += `${list === "" ? "" : ","}${keyText(name)}${value}}`;
  }
  return `[${list}]`;
}

/** What stands before a value. The names of a call's attributes repeat from span to span, so their texts are kept. */
function keyText(name: string): string {
  let text = keyTexts.get(name);
  if (text === undefined) {
    text = `{"key":${quote(name)},"value":`;
    // Of names that never repeat nothing must pile up in a process that stays.
    if (keyTexts.size >= MAX_KEY_TEXTS) keyTexts.clear();
    keyTexts.set(name, text);
  }
  return text;
}

/** @internal The names of attributes, or none where the object does not let itself be listed. */
export function attributeNames(attributes: Attributes): readonly string[] {
  try {
    return Object.keys(attributes);
  } catch {
    return [];
  }
}

/** The value of one attribute, or undefined where there is none or reading it throws. */
function attributeValue(attributes: Attributes, name: string): string | undefined {
  try {
    return anyValue(attributes[name]);
  } catch {
    return undefined;
  }
}

/** An `AnyValue`, or undefined where OTLP has no form for the value. */
function anyValue(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return `{"stringValue":${quote(value)}}`;
    case "number":
      return numberValue(value);
    case "boolean":
      return value ? '{"boolValue":true}' : '{"boolValue":false}';
    case "bigint":
      return bigintValue(value);
    default:
      return objectValue(value);
  }
}

/** Numbers that are exact integers are sent as such, so that a backend does not show a count of 3 as 3.0. */
function numberValue(value: number): string {
  if (Number.isSafeInteger(value)) return `{"intValue":"${value}"}`;
  return Number.isFinite(value) ? `{"doubleValue":${value}}` : `{"doubleValue":"${value}"}`;
}

/** Convex's int64 is a bigint. One that does not fit 64 bits is kept as text, since an overflow refuses the request. */
function bigintValue(value: bigint): string {
  return BigInt.asIntN(64, value) === value ? `{"intValue":"${value}"}` : `{"stringValue":"${value}"}`;
}

/** Arrays and bytes; everything else that is an object, null included, has no form. */
function objectValue(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) return arrayValue(value);
  if (value instanceof ArrayBuffer) return bytesValue(new Uint8Array(value));
  // `isView` also knows the arrays of another realm, which `instanceof Uint8Array` does not.
  if (ArrayBuffer.isView(value)) return bytesValue(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  return undefined;
}

function bytesValue(bytes: Uint8Array): string {
  return `{"bytesValue":"${base64(bytes)}"}`;
}

/** Items are primitive: attribute arrays do not nest, so an array in an array is left out and cannot be circular. */
function arrayValue(items: readonly unknown[]): string | undefined {
  const count = items.length;
  if (!(count <= MAX_ARRAY_ITEMS)) return undefined;
  let list = "";
  for (let index = 0; index < count; index++) {
    const item = items[index];
    const value = typeof item === "object" ? undefined : anyValue(item);
    if (value !== undefined) list += list === "" ? value : `,${value}`;
  }
  return `{"arrayValue":{"values":[${list}]}}`;
}
