/** A key as telemetry may know it: by its hash. */
import { platformHash } from "./platformHash.js";

const HASH_DIGITS = 16;

/** The most keys whose hashes are kept, and their most characters: some hundred kilobytes at most. */
const MOST_KEPT = 1000;
const LONGEST_KEPT = 256;

/** Hashes of keys that were seen: a cache is asked for few of its keys most of the time, and hashing takes as long as a span. */
const kept = new Map<string, string>();

/** A key of an operation that has several spans: they have the same hash, which is computed once, and only if there is a span. */
export class CacheKey {
  readonly text: string;
  #hash: string | undefined;

  constructor(text: string) {
    this.text = text;
  }

  get hash(): string {
    return (this.#hash ??= textHash(this.text));
  }
}

/** The hash of a key; undefined for keys that are objects with an identity only. */
export function keyHash(key: unknown): string | undefined {
  if (key instanceof CacheKey) return key.hash;
  if (typeof key === "string") return textHash(key);
  if (key instanceof Uint8Array) return shortHash(key);
  if (typeof key === "number" || typeof key === "bigint") return textHash(String(key));
  return undefined;
}

function textHash(text: string): string {
  let hash = kept.get(text);
  if (hash === undefined) {
    hash = shortHash(text);
    if (text.length <= LONGEST_KEPT) keep(text, hash);
  }
  return hash;
}

/** All are forgotten at once: what is needed often is back soon, and nothing has to be moved when it is read. */
function keep(text: string, hash: string): void {
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(text, hash);
}

function shortHash(data: string | Uint8Array): string {
  return platformHash(data).slice(0, HASH_DIGITS);
}
