/**
 * Attributes as `KeyValue` messages. What is sent in which form is decided as for JSON (../anyValue.ts); the two are held
 * together by a property test. Here, too, an attribute that cannot be read costs itself and nothing else.
 *
 * A value whose size is known is written behind its lengths at once; only arrays are measured afterwards.
 */
import type { Attributes } from "../../core/types.js";
import { MAX_ARRAY_ITEMS } from "../anyValue.js";
import { keyField } from "./keyField.js";
import { likelyTextSize, type PackedBytes, type ProtoWriter, varint64Size, varintSize } from "./protoWriter.js";
import {
  ARRAY_VALUES,
  KEY_VALUE_VALUE,
  VALUE_ARRAY,
  VALUE_BOOL,
  VALUE_BYTES,
  VALUE_DOUBLE,
  VALUE_INT,
  VALUE_STRING,
} from "./tags.js";

const TWO_32 = 0x1_0000_0000;

/** No key: an item of an array. */
const ITEM = undefined;

/** Writes attributes. Those without a value that OTLP knows are left out, and all where they do not let themselves be listed. */
export function attributeFields(writer: ProtoWriter, tag: number, attributes: Attributes): void {
  try {
    // An eighth faster than over `Object.keys`: the engine knows in such a loop where each value is, and which are inherited.
    for (const name in attributes) {
      if (Object.prototype.hasOwnProperty.call(attributes, name)) attributeField(writer, tag, attributes, name);
    }
  } catch {
    return;
  }
}

function attributeField(writer: ProtoWriter, tag: number, attributes: Attributes, name: string): void {
  const start = writer.length;
  try {
    writeValue(writer, tag, keyField(name), attributes[name]);
  } catch {
    writer.rewind(start);
  }
}

function writeValue(writer: ProtoWriter, tag: number, key: PackedBytes | undefined, value: unknown): void {
  switch (typeof value) {
    case "string":
      return writeText(writer, tag, key, value);
    case "number":
      return writeNumber(writer, tag, key, value);
    case "boolean":
      openValue(writer, tag, key, 2);
      writer.varint(VALUE_BOOL);
      return writer.varint(value ? 1 : 0);
    case "bigint":
      return writeBigint(writer, tag, key, value);
    default:
      return writeObject(writer, tag, key, value);
  }
}

/** Writes what stands before the content of an `AnyValue` of so many bytes. */
function openValue(writer: ProtoWriter, tag: number, key: PackedBytes | undefined, size: number): void {
  const keySize = key === undefined ? 0 : key.length;
  writer.reserve(keySize + size);
  writer.varint(tag);
  if (key !== undefined) {
    writer.varint(keySize + 1 + varintSize(size) + size);
    writer.packed(key);
    writer.varint(KEY_VALUE_VALUE);
  }
  writer.varint(size);
}

function writeText(writer: ProtoWriter, tag: number, key: PackedBytes | undefined, text: string): void {
  const start = writer.length;
  const size = likelyTextSize(text);
  if (writeSizedText(writer, tag, key, text, size)) return;
  writer.rewind(start);
  writeSizedText(writer, tag, key, text, Buffer.byteLength(text));
}

function writeSizedText(
  writer: ProtoWriter,
  tag: number,
  key: PackedBytes | undefined,
  text: string,
  size: number,
): boolean {
  openValue(writer, tag, key, 1 + varintSize(size) + size);
  writer.varint(VALUE_STRING);
  writer.varint(size);
  return writer.text(text, size);
}

function writeNumber(writer: ProtoWriter, tag: number, key: PackedBytes | undefined, value: number): void {
  if (Number.isSafeInteger(value)) {
    // Halves of the two's complement: both shifts take the number modulo 2^32.
    return writeInteger(writer, tag, key, Math.floor(value / TWO_32) >>> 0, value >>> 0);
  }
  openValue(writer, tag, key, 9);
  writer.varint(VALUE_DOUBLE);
  writer.double(value);
}

function writeBigint(writer: ProtoWriter, tag: number, key: PackedBytes | undefined, value: bigint): void {
  if (BigInt.asIntN(64, value) !== value) return writeText(writer, tag, key, String(value));
  writeInteger(writer, tag, key, Number(BigInt.asUintN(32, value >> 32n)), Number(BigInt.asUintN(32, value)));
}

function writeInteger(writer: ProtoWriter, tag: number, key: PackedBytes | undefined, high: number, low: number): void {
  openValue(writer, tag, key, 1 + varint64Size(high, low));
  writer.varint(VALUE_INT);
  writer.varint64(high, low);
}

/** Arrays and bytes; everything else that is an object, null included, has no form. */
function writeObject(writer: ProtoWriter, tag: number, key: PackedBytes | undefined, value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) return writeArray(writer, tag, key, value);
  if (value instanceof ArrayBuffer) return writeBytes(writer, tag, key, new Uint8Array(value));
  // `isView` also knows the arrays of another realm, which `instanceof Uint8Array` does not.
  if (!ArrayBuffer.isView(value)) return;
  writeBytes(writer, tag, key, new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
}

function writeBytes(writer: ProtoWriter, tag: number, key: PackedBytes | undefined, bytes: Uint8Array): void {
  openValue(writer, tag, key, 1 + varintSize(bytes.length) + bytes.length);
  writer.varint(VALUE_BYTES);
  writer.varint(bytes.length);
  writer.manyBytes(bytes);
}

/** Items are primitive: attribute arrays do not nest, so an array in an array is left out and cannot be circular. */
function writeArray(writer: ProtoWriter, tag: number, key: PackedBytes | undefined, items: readonly unknown[]): void {
  const count = items.length;
  if (!(count <= MAX_ARRAY_ITEMS)) return;
  const pair = writer.open(tag);
  if (key !== undefined) {
    writer.reserve(key.length);
    writer.packed(key);
  }
  const value = writer.open(KEY_VALUE_VALUE);
  const array = writer.open(VALUE_ARRAY);
  for (let index = 0; index < count; index++) {
    const item = items[index];
    if (typeof item !== "object") writeValue(writer, ARRAY_VALUES, ITEM, item);
  }
  writer.close(array);
  writer.close(value);
  writer.close(pair);
}
