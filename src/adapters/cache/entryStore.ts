/** Reads and writes entries in a store of any kind: as they are in this process, as text in Redis. */
import { clientKind } from "./clientKind.js";
import { asEntry, type Entry } from "./entry.js";
import { hasMethod } from "../../core/patchMethod.js";
import { inside } from "./state.js";

/** Turns values into text and back. */
export interface CacheCodec {
  encode(value: unknown): string;
  decode(text: string): unknown;
}

/** A store, seen as one of entries. What it throws is thrown; what is synchronous stays so. */
export interface EntryStore {
  /** What is stored, or a promise of it. */
  get(key: string): unknown;
  /** What was stored, as an entry, if it is one. */
  read(stored: unknown): Entry | undefined;
  set(key: string, entry: Entry, keepMs: number): unknown;
  delete(key: string): unknown;
}

/** A store, as it is given. */
interface AnyStore {
  get(key: string): unknown;
  set(key: string, value: unknown, ...options: unknown[]): unknown;
  delete?(key: string): unknown;
  del?(key: string): unknown;
}

/** The store as one of entries; undefined if it cannot be one. */
export function entryStore(given: unknown, codec: CacheCodec): EntryStore | undefined {
  const kind = clientKind(given);
  if (kind === undefined || kind === "action-cache") return undefined;
  const store = given as AnyStore;
  const remove = hasMethod(store, "delete") ? "delete" : "del";
  if (!hasMethod(store, remove)) return undefined;
  const textOf = (entry: Entry): string => JSON.stringify({ ...entry, value: codec.encode(entry.value) });
  return {
    get: (key) => inside(() => store.get(key)),
    read: kind === "store" ? asEntry : (reply) => entryOfText(reply, codec),
    set: (key, entry, keepMs) => {
      if (kind === "store") return inside(() => store.set(key, entry));
      const options = kind === "ioredis" ? ["PX", keepMs] : [{ PX: keepMs }];
      const text = textOf(entry);
      return inside(() => store.set(key, text, ...options));
    },
    delete: (key) => inside(() => store[remove]?.(key)),
  };
}

/** Text that is no entry, or of somebody else, is none. */
function entryOfText(reply: unknown, codec: CacheCodec): Entry | undefined {
  if (typeof reply !== "string") return undefined;
  try {
    const entry = asEntry(JSON.parse(reply));
    return typeof entry?.value === "string" ? { ...entry, value: codec.decode(entry.value) } : undefined;
  } catch {
    return undefined;
  }
}

const UNDEFINED = "undefined";

/** What JSON keeps of a value, and `undefined`. */
export const jsonCodec: CacheCodec = {
  encode: (value) => JSON.stringify(value) ?? UNDEFINED,
  decode: (text) => (text === UNDEFINED ? undefined : (JSON.parse(text) as unknown)),
};
