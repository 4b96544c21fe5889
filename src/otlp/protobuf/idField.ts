/** Ids of traces and spans: hexadecimal digits where people look, bytes on the wire. */
import type { PackedBytes, ProtoWriter } from "./protoWriter.js";

/** Not a digit: any bit above the lower four tells. */
const INVALID = 0xff;

/** The value of each ASCII character as a hexadecimal digit. */
const DIGITS = new Uint8Array(128).map((_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? INVALID : value;
});

/** The latest id of its kind. The spans of a trace, and of a parent, mostly end in a row. */
interface LatestId extends PackedBytes {
  /** What the bytes say; undefined while they are not a whole id. */
  digits: string | undefined;
}

const traceId: LatestId = { words: new Int32Array(4), length: 16, digits: undefined };
const spanId: LatestId = { words: new Int32Array(2), length: 8, digits: undefined };
const parentId: LatestId = { words: new Int32Array(2), length: 8, digits: undefined };

/** @returns false if it is not 32 hexadecimal digits: then nothing is written */
export function traceIdField(writer: ProtoWriter, tag: number, id: unknown): boolean {
  return idField(writer, tag, id, traceId);
}

/** @returns false if it is not 16 hexadecimal digits: then nothing is written */
export function spanIdField(writer: ProtoWriter, tag: number, id: unknown): boolean {
  return idField(writer, tag, id, spanId);
}

/** The same as {@link spanIdField}, for the id of a parent. */
export function parentIdField(writer: ProtoWriter, tag: number, id: unknown): boolean {
  return idField(writer, tag, id, parentId);
}

function idField(writer: ProtoWriter, tag: number, id: unknown, latest: LatestId): boolean {
  if (typeof id !== "string" || (id !== latest.digits && !read(id, latest))) return false;
  writer.reserve(latest.length);
  writer.varint(tag);
  writer.varint(latest.length);
  writer.packed(latest);
  return true;
}

function read(id: string, latest: LatestId): boolean {
  const { words, length } = latest;
  if (id.length !== 2 * length) return false;
  latest.digits = undefined;
  let seen = 0;
  let word = 0;
  for (let index = 0; index < id.length; index++) {
    const digit = DIGITS[id.charCodeAt(index)] ?? INVALID;
    seen |= digit;
    word = (word << 4) | digit;
    if (index % 8 === 7) words[index >> 3] = word;
  }
  if (seen > 0xf) return false;
  latest.digits = id;
  return true;
}
