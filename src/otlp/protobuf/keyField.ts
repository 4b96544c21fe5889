/** The names of attributes. A program has few, and they repeat from span to span: so their bytes are kept. */
import { type PackedBytes, packedBytes, ProtoWriter } from "./protoWriter.js";
import { KEY_VALUE_KEY } from "./tags.js";

/** More names than the attributes of one instrumented program have. */
const MAX_KEYS = 500;

/** Longer names are not kept: 500 of them could be much. */
const MAX_KEPT_CHARACTERS = 256;

const kept = new Map<string, PackedBytes>();

/** The field `key` of a `KeyValue`, with its tag and length. */
export function keyField(name: string): PackedBytes {
  const known = kept.get(name);
  if (known !== undefined) return known;
  const writer = new ProtoWriter(64);
  writer.textField(KEY_VALUE_KEY, name);
  const field = packedBytes(writer.bytes);
  if (name.length > MAX_KEPT_CHARACTERS) return field;
  // Of names that never repeat nothing must pile up in a process that stays.
  if (kept.size >= MAX_KEYS) kept.clear();
  kept.set(name, field);
  return field;
}
