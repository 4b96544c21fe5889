/** Ids of traces and spans: hexadecimal digits where people look, bytes on the wire. */
import type { ProtoWriter } from "./protoWriter.js";

/** Not a digit: any bit above the lower four tells. */
const INVALID = 0xff;

/** The value of each ASCII character as a hexadecimal digit. */
const DIGITS = new Uint8Array(128).map((_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? INVALID : value;
});

/** The latest id of its kind. The spans of a trace, and of a parent, mostly end in a row. */
interface LatestId {
  readonly bytes: Uint8Array;
  /** What the bytes say; undefined while they are not a whole id. */
  digits: string | undefined;
}

const traceId: LatestId = { bytes: new Uint8Array(16), digits: undefined };
const spanId: LatestId = { bytes: new Uint8Array(8), digits: undefined };
const parentId: LatestId = { bytes: new Uint8Array(8), digits: undefined };

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
  const { bytes } = latest;
  writer.reserve(bytes.length);
  writer.varint(tag);
  writer.varint(bytes.length);
  writer.fewBytes(bytes);
  return true;
}

function read(id: string, latest: LatestId): boolean {
  const { bytes } = latest;
  if (id.length !== bytes.length * 2) return false;
  latest.digits = undefined;
  let seen = 0;
  for (let index = 0; index < bytes.length; index++) {
    const high = DIGITS[id.charCodeAt(2 * index)] ?? INVALID;
    const low = DIGITS[id.charCodeAt(2 * index + 1)] ?? INVALID;
    seen |= high | low;
    bytes[index] = (high << 4) | low;
  }
  if (seen > 0xf) return false;
  latest.digits = id;
  return true;
}
