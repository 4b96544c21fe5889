/**
 * The fields of a protobuf message, one after the other. For what comes back from a backend, and for requests that have to
 * be cut in two: neither needs more than to walk over fields.
 */

/** A field. What is not needed of it costs nothing: `content` is a view. */
export interface ProtoField {
  readonly number: number;
  /** The value of a varint, 0 for others. Past 2^53 it is not exact. */
  readonly value: number;
  /** The content of a field with a length, else empty. */
  readonly content: Uint8Array;
  /** The field as it stands in the message, with its tag. */
  readonly bytes: Uint8Array;
}

/** Ends a walk over bytes that are no message. */
class Malformed extends Error {}

const EMPTY = new Uint8Array(0);

/** Bytes of a varint. */
const MAX_VARINT_BYTES = 10;

/** The fields of a message, or undefined where the bytes are none. Never throws. */
export function fieldsOf(message: Uint8Array): readonly ProtoField[] | undefined {
  const fields: ProtoField[] = [];
  try {
    for (let at = 0; at < message.length;) {
      const field = readField(message, at);
      fields.push(field);
      at += field.bytes.length;
    }
    return fields;
  } catch {
    return undefined;
  }
}

function readField(message: Uint8Array, start: number): ProtoField {
  const tag = readVarint(message, start);
  const wireType = tag.value % 8;
  const varint = wireType === 0 || wireType === 2 ? readVarint(message, tag.end) : undefined;
  const contentStart = varint?.end ?? tag.end;
  const end = contentStart + contentSize(wireType, varint?.value ?? 0);
  if (tag.value < 8 || end > message.length) throw new Malformed();
  return {
    number: Math.floor(tag.value / 8),
    value: wireType === 0 ? (varint?.value ?? 0) : 0,
    content: wireType === 2 ? message.subarray(contentStart, end) : EMPTY,
    bytes: message.subarray(start, end),
  };
}

/** Bytes after the tag and the varint that may follow it. Groups are not used any more, and unknown types are errors. */
function contentSize(wireType: number, length: number): number {
  if (wireType === 0) return 0;
  if (wireType === 1) return 8;
  if (wireType === 2) return length;
  if (wireType === 5) return 4;
  throw new Malformed();
}

function readVarint(message: Uint8Array, start: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let index = 0; index < MAX_VARINT_BYTES; index++) {
    const byte = message[start + index];
    if (byte === undefined) break;
    // Not by shifting, which ends at 32 bits.
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: start + index + 1 };
  }
  throw new Malformed();
}
