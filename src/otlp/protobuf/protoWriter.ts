/**
 * Bytes of a protobuf message, as they grow. Spans are written here when they end, thousands in a second, so nothing is
 * allocated for a field: sizes are known or patched in, and the memory grows fourfold when it is full.
 *
 * Wire format: https://protobuf.dev/programming-guides/encoding/. Tags are given whole, field number and wire type.
 * Runs on servers only, whose `Buffer` writes text faster than any loop over characters.
 */

/** Memory of a new writer: some three spans. So little comes out of a pool, which costs next to nothing. */
const FIRST_BYTES = 2_048;

/** Room that `reserve` adds for the tags and lengths of a field, so that callers count payload only. */
const FIELD_OVERHEAD = 32;

/** Up to so many characters a loop is faster than a call into `Buffer`. */
const SHORT_TEXT = 48;

/** How many bytes a varint of 32 bits takes. */
export function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}

/** How many bytes a varint of 64 bits takes, given as two unsigned halves. */
export function varint64Size(high: number, low: number): number {
  return high === 0 ? varintSize(low) : Math.ceil((64 - Math.clz32(high)) / 7);
}

/**
 * How many bytes a text is taken to need. Nearly all short texts are ASCII, and whether one is shows when it is written:
 * so for them this is a guess, which {@link ProtoWriter.text} may refuse.
 */
export function likelyTextSize(text: string): number {
  return text.length <= SHORT_TEXT ? text.length : Buffer.byteLength(text);
}

/** Bytes that are written often, such as the name of an attribute. */
export interface PackedBytes {
  /** Four bytes each, the first in front; the last filled up. */
  readonly words: Int32Array;
  readonly length: number;
}

/** Packs bytes. */
export function packedBytes(bytes: Uint8Array): PackedBytes {
  const { length } = bytes;
  const words = new Int32Array(Math.ceil(length / 4));
  const filled = new Uint8Array(4 * words.length);
  filled.set(bytes);
  const view = new DataView(filled.buffer);
  for (let index = 0; index < words.length; index++) words[index] = view.getInt32(4 * index);
  return { words, length };
}

/** A message that is being written. Whatever is past `length` is scratch. */
export class ProtoWriter {
  #bytes: Buffer;
  #view: DataView;
  #length = 0;

  constructor(firstBytes: number = FIRST_BYTES) {
    this.#bytes = Buffer.allocUnsafe(firstBytes);
    this.#view = viewOf(this.#bytes);
  }

  /** How many bytes have been written. */
  get length(): number {
    return this.#length;
  }

  /** What was written, until something else is. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Forgets what was written after a moment of which `length` was kept. */
  rewind(length: number): void {
    this.#length = length;
  }

  /** Makes room for a field with a payload of so many bytes. The methods below that name no field need it before. */
  reserve(payload: number): void {
    const needed = this.#length + payload + FIELD_OVERHEAD;
    if (needed > this.#bytes.length) this.#grow(needed);
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 4));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
    this.#view = viewOf(grown);
  }

  /** A varint of at most 32 bits: also tags and lengths. */
  varint(value: number): void {
    if (value < 0x80) {
      this.#bytes[this.#length++] = value;
      return;
    }
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  /** A varint of 64 bits, given as two unsigned halves. */
  varint64(high: number, low: number): void {
    let upper = high;
    let lower = low;
    while (upper !== 0) {
      this.#bytes[this.#length++] = (lower & 0x7f) | 0x80;
      lower = ((lower >>> 7) | (upper << 25)) >>> 0;
      upper >>>= 7;
    }
    this.varint(lower);
  }

  fixed32(value: number): void {
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  double(value: number): void {
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** Bytes that are few: a loop over words takes a fifth of one over bytes, and a tenth of a call of `set`. */
  packed({ words, length }: PackedBytes): void {
    const view = this.#view;
    const start = this.#length;
    for (let index = 0; index < words.length; index++) view.setInt32(start + 4 * index, words[index] ?? 0);
    this.#length = start + length;
  }

  manyBytes(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /**
   * A text of so many bytes, lone surrogates as U+FFFD.
   *
   * @returns false if it takes more bytes than that: then {@link rewind}, and come again with `Buffer.byteLength`
   */
  text(text: string, size: number): boolean {
    if (size !== text.length) {
      this.#length += this.#bytes.write(text, this.#length, size, "utf8");
      return true;
    }
    if (size > SHORT_TEXT) {
      // As many bytes as UTF-16 units: all of them are ASCII.
      this.#length += this.#bytes.write(text, this.#length, size, "latin1");
      return true;
    }
    const target = this.#bytes;
    const start = this.#length;
    for (let index = 0; index < size; index++) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f) return false;
      target[start + index] = unit;
    }
    this.#length = start + size;
    return true;
  }

  /** A string field; an empty text, as anything that is no text, is the default and not written. */
  textField(tag: number, text: unknown): void {
    if (typeof text !== "string" || text === "") return;
    const start = this.#length;
    if (this.#sizedText(tag, text, likelyTextSize(text))) return;
    this.rewind(start);
    this.#sizedText(tag, text, Buffer.byteLength(text));
  }

  #sizedText(tag: number, text: string, size: number): boolean {
    this.reserve(size);
    this.varint(tag);
    this.varint(size);
    return this.text(text, size);
  }

  /** A field of 32 bits; 0 is the default and not written. */
  varintField(tag: number, value: number): void {
    if (value === 0) return;
    this.reserve(0);
    this.varint(tag);
    this.varint(value);
  }

  /** A field of 32 bits of always four bytes; 0 is the default and not written. */
  fixed32Field(tag: number, value: number): void {
    if (value === 0) return;
    this.reserve(0);
    this.varint(tag);
    this.fixed32(value);
  }

  /** A field of 64 bits of always eight bytes, given as two unsigned halves; 0 is the default and not written. */
  fixed64Field(tag: number, high: number, low: number): void {
    if (high === 0 && low === 0) return;
    this.reserve(0);
    this.varint(tag);
    this.fixed32(low);
    this.fixed32(high);
  }

  /** Starts a message within the message. Give what is returned to {@link close}. */
  open(tag: number): number {
    this.reserve(0);
    this.varint(tag);
    this.#length += LENGTH_BYTES;
    return this.#length;
  }

  /** Ends it: its length goes before it, and it moves where that takes more or fewer bytes than was thought. */
  close(start: number): void {
    this.reserve(0);
    const size = this.#length - start;
    const move = varintSize(size) - LENGTH_BYTES;
    if (move !== 0) this.#bytes.copyWithin(start + move, start, this.#length);
    this.#length = start - LENGTH_BYTES;
    this.varint(size);
    this.#length += size;
  }
}

/** Bytes kept for the length of a nested message. Most spans have between 128 and 16,383 bytes. */
const LENGTH_BYTES = 2;

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
