/**
 * The attribute lists of OTLP: `[{ key, value: { stringValue } }]` back to `{ key: value }`.
 */
import type { AttributeValue, Attributes } from "../core/types.js";
import { describe, isObject, type JsonPlace } from "./jsonPlace.js";

/** The members of `AnyValue`, of which a value has exactly one. */
const VALUE_FIELDS = [
  "stringValue",
  "boolValue",
  "intValue",
  "doubleValue",
  "arrayValue",
  "kvlistValue",
  "bytesValue",
] as const;

type ValueField = (typeof VALUE_FIELDS)[number];

/** Doubles that JSON numbers cannot express. */
const SPECIAL_DOUBLES: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

/** Reads a list of attributes. Keys have to be unique: backends disagree on which of two wins. */
export function decodeAttributes(list: JsonPlace): Attributes {
  const found = new Map<string, AttributeValue>();
  for (const item of list.items()) {
    if (!item.fields(["key", "value"])) continue;
    const key = item.at("key").requiredText();
    if (found.has(key)) item.at("key").problem(`${describe(key)} is there twice`);
    const value = decodeValue(item.at("value"));
    if (value !== undefined) found.set(key, value);
  }
  // fromEntries and not assignments: a key may be "__proto__".
  return Object.fromEntries(found);
}

function decodeValue(place: JsonPlace): AttributeValue | undefined {
  const field = onlyField(place);
  return field === undefined ? undefined : READERS[field](place.at(field));
}

function onlyField(place: JsonPlace): ValueField | undefined {
  if (!place.fields(VALUE_FIELDS)) return undefined;
  const present = VALUE_FIELDS.filter((field) => !place.at(field).isAbsent);
  if (present.length === 1) return present[0];
  // The protobuf comment calls a value without members "empty"; the stock JavaScript exporter sends it for null.
  if (present.length > 0 || place.strict) {
    place.problem(`expected exactly one of ${VALUE_FIELDS.join(", ")}; got ${present.join(" and ") || "none"}`);
  }
  return undefined;
}

const READERS: Readonly<Record<ValueField, (place: JsonPlace) => AttributeValue | undefined>> = {
  stringValue: (place) => place.text(),
  boolValue: decodeBoolean,
  intValue: decodeInteger,
  doubleValue: decodeDouble,
  arrayValue: decodeArray,
  kvlistValue: decodeMap,
  bytesValue: decodeBytes,
};

function decodeBoolean(place: JsonPlace): boolean | undefined {
  if (typeof place.value === "boolean") return place.value;
  place.problem(`expected true or false, got ${describe(place.value)}`);
  return undefined;
}

/** A `number` where it is exact, else a `bigint`. */
function decodeInteger(place: JsonPlace): number | bigint | undefined {
  const value = place.int64();
  return value !== undefined && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function decodeDouble(place: JsonPlace): number | undefined {
  if (typeof place.value === "number") return place.value;
  const special = typeof place.value === "string" ? SPECIAL_DOUBLES[place.value] : undefined;
  if (special === undefined) {
    place.problem(`expected a number, "NaN", "Infinity" or "-Infinity", got ${describe(place.value)}`);
  }
  return special;
}

/** Bytes are base64 in the standard alphabet, unlike ids, which are hex. */
function decodeBytes(place: JsonPlace): Uint8Array | undefined {
  const text = place.text();
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    place.problem(`expected padded base64, got ${describe(text)}`);
    return undefined;
  }
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

/** OpenTelemetry's array attributes hold strings, numbers or booleans, all of one type. */
function decodeArray(place: JsonPlace): AttributeValue | undefined {
  if (!place.fields(["values"])) return undefined;
  const values: AttributeValue[] = [];
  for (const item of place.at("values").items()) {
    const value = decodeValue(item);
    if (value !== undefined) values.push(value);
  }
  if (values.every((value) => typeof value === "string")) return values;
  if (values.every((value) => typeof value === "boolean")) return values;
  if (values.every((value) => typeof value === "number")) return values;
  if (values.every(isWhole)) return values.map(BigInt);
  if (values.every((value) => typeof value === "number" || typeof value === "bigint")) return values.map(Number);
  place.problem("expected items of one type: strings, booleans or numbers");
  return undefined;
}

/** Small integers were read as `number`; next to a `bigint` they were one as well. */
function isWhole(value: AttributeValue): value is number | bigint {
  return typeof value === "bigint" || Number.isSafeInteger(value);
}

/** A map has no counterpart among this library's attribute values, so it is kept as JSON text. */
function decodeMap(place: JsonPlace): string | undefined {
  if (!place.fields(["values"])) return undefined;
  return JSON.stringify(decodeAttributes(place.at("values")), (_, value: unknown) => {
    if (typeof value === "bigint") return String(value);
    return isObject(value) && value instanceof Uint8Array ? Array.from(value) : value;
  });
}
