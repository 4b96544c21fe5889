/**
 * The wire format of Protocol Buffers (https://protobuf.dev/programming-guides/encoding/), read into what the JSON mapping
 * would have said: names for numbers, digits for 64-bit integers, base64 for bytes. What is then checked is the same for both.
 */

/** How a field is written, and what its value becomes. */
export type FieldType =
  | "string"
  /** Becomes base64. */
  | "bytes"
  /** Bytes that become lower-case hex digits, as OTLP wants its ids. */
  | "id"
  | "bool"
  /** A varint below 2^32. */
  | "uint32"
  | "int64"
  | "double"
  | "fixed32"
  | "fixed64"
  /** A message within. A function, since messages may hold each other. */
  | (() => Message);

/** A field of a message. */
export interface Field {
  /** As the JSON mapping spells it. */
  readonly name: string;
  readonly type: FieldType;
  readonly isRepeated?: boolean;
}

/** Fields by number. */
export type Message = Readonly<Record<number, Field>>;

/** What the JSON mapping would have said. */
export type ProtobufJson = Record<string, unknown>;

/** Bytes that are no such message. `path` is that of the field, as in JavaScript. */
export class ProtobufError extends Error {
  override readonly name = "ProtobufError";
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

/** Wire types by number. */
const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/** Reads a message. @throws ProtobufError */
export function readMessage(bytes: Uint8Array, message: Message, path = ""): ProtobufJson {
  const reader = new Reader(bytes, path);
  const json: ProtobufJson = {};
  while (!reader.isAtEnd) {
    const tag = reader.varint();
    const field = message[Number(tag >> 3n)];
    const wireType = Number(tag & 7n);
    if (field === undefined) {
      reader.skip(wireType);
      json[`field${tag >> 3n}`] = "unknown";
    } else {
      addTo(json, field, (place) => readValue(reader.at(place), field.type, wireType), path);
    }
  }
  return json;
}

function addTo(json: ProtobufJson, { name, isRepeated }: Field, read: (place: string) => unknown, path: string): void {
  const place = path === "" ? name : `${path}.${name}`;
  if (isRepeated === true) {
    const items = (json[name] ??= []) as unknown[];
    items.push(read(`${place}[${items.length}]`));
    return;
  }
  // Messages that come twice are to be merged: nobody sends such, and whoever does made a mistake.
  if (json[name] !== undefined) throw new ProtobufError(place, "is there twice");
  json[name] = read(place);
}

function readValue(reader: Reader, type: FieldType, wireType: number): unknown {
  reader.expect(wireType, wireTypeOf(type));
  if (typeof type === "function") return readMessage(reader.delimited(), type(), reader.path);
  switch (type) {
    case "string":
      return reader.text();
    case "bytes":
      return Buffer.from(reader.delimited()).toString("base64");
    case "id":
      return Buffer.from(reader.delimited()).toString("hex");
    case "bool":
      return reader.varint() !== 0n;
    case "uint32":
      return Number(reader.varint());
    case "int64":
      return String(BigInt.asIntN(64, reader.varint()));
    case "double":
      return jsonDouble(reader.fixed(8).getFloat64(0, true));
    case "fixed32":
      return reader.fixed(4).getUint32(0, true);
    case "fixed64":
      return String(reader.fixed(8).getBigUint64(0, true));
  }
}

function wireTypeOf(type: FieldType): number {
  if (type === "double" || type === "fixed64") return FIXED64;
  if (type === "fixed32") return FIXED32;
  return type === "bool" || type === "uint32" || type === "int64" ? VARINT : DELIMITED;
}

/** JSON has no numbers for these; the mapping has names. */
function jsonDouble(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** Takes bytes off one after the other. */
class Reader {
  readonly #bytes: Uint8Array;
  #next = 0;
  path: string;

  constructor(bytes: Uint8Array, path: string) {
    this.#bytes = bytes;
    this.path = path;
  }

  get isAtEnd(): boolean {
    return this.#next >= this.#bytes.length;
  }

  /** Says where it is, for errors. */
  at(path: string): this {
    this.path = path;
    return this;
  }

  expect(wireType: number, expected: number): void {
    if (wireType !== expected) throw new ProtobufError(this.path, `has wire type ${wireType}, not ${expected}`);
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#take(1)[0] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError(this.path, "is a varint of more than ten bytes");
  }

  delimited(): Uint8Array {
    return this.#take(Number(this.varint()));
  }

  fixed(length: 4 | 8): DataView {
    const bytes = this.#take(length);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  text(): string {
    const bytes = this.delimited();
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new ProtobufError(this.path, "is not valid UTF-8");
    }
  }

  /** Passes a field by that is not known. */
  skip(wireType: number): void {
    if (wireType === VARINT) this.varint();
    else if (wireType === FIXED64) this.#take(8);
    else if (wireType === DELIMITED) this.delimited();
    else if (wireType === FIXED32) this.#take(4);
    else throw new ProtobufError(this.path, `has a field of wire type ${wireType}`);
  }

  #take(length: number): Uint8Array {
    const end = this.#next + length;
    if (end > this.#bytes.length) throw new ProtobufError(this.path, "is cut off");
    const taken = this.#bytes.subarray(this.#next, end);
    this.#next = end;
    return taken;
  }
}
