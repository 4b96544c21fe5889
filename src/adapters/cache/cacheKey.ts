/** A key as telemetry may know it: by its hash. */
import { platformHash } from "./platformHash.js";

const HASH_DIGITS = 16;

/** A key of an operation that has several spans: they have the same hash, which is computed once, and only if there is a span. */
export class CacheKey {
  readonly text: string;
  #hash: string | undefined;

  constructor(text: string) {
    this.text = text;
  }

  get hash(): string {
    return (this.#hash ??= platformHash(this.text).slice(0, HASH_DIGITS));
  }
}

/** The hash of a key; undefined for keys that are objects with an identity only. */
export function keyHash(key: unknown): string | undefined {
  if (key instanceof CacheKey) return key.hash;
  if (typeof key === "string" || key instanceof Uint8Array) return platformHash(key).slice(0, HASH_DIGITS);
  if (typeof key === "number" || typeof key === "bigint") return platformHash(String(key)).slice(0, HASH_DIGITS);
  return undefined;
}
