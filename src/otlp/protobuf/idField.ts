/** Ids of traces and spans: hexadecimal digits where people look, bytes on the wire. */
import type { ProtoWriter } from "./protoWriter.js";

/** Not a digit: any bit above the lower four tells. */
const INVALID = 0xff;

/** The value of each ASCII character as a hexadecimal digit. */
const DIGITS = new Uint8Array(128).map((_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? INVALID : value;
});

/** Where the bytes of an id are put together, by the size of the id. */
const TRACE_ID = new Uint8Array(16);
const SPAN_ID = new Uint8Array(8);

/** @returns false if it is not 32 hexadecimal digits: then nothing is written */
export function traceIdField(writer: ProtoWriter, tag: number, id: unknown): boolean {
  return idField(writer, tag, id, TRACE_ID);
}

/** @returns false if it is not 16 hexadecimal digits: then nothing is written */
export function spanIdField(writer: ProtoWriter, tag: number, id: unknown): boolean {
  return idField(writer, tag, id, SPAN_ID);
}

function idField(writer: ProtoWriter, tag: number, id: unknown, bytes: Uint8Array): boolean {
  if (typeof id !== "string" || id.length !== bytes.length * 2) return false;
  let seen = 0;
  for (let index = 0; index < bytes.length; index++) {
    const high = digit(id.charCodeAt(2 * index));
    const low = digit(id.charCodeAt(2 * index + 1));
    seen |= high | low;
    bytes[index] = (high << 4) | low;
  }
  if (seen > 0xf) return false;
  writer.reserve(bytes.length);
  writer.varint(tag);
  writer.varint(bytes.length);
  writer.fewBytes(bytes);
  return true;
}

function digit(code: number): number {
  return DIGITS[code] ?? INVALID;
}
