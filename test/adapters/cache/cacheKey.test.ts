/** Keys as telemetry knows them: the same hash for the same key, however many are seen in between. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { CacheKey, keyHash } from "../../../src/adapters/cache/cacheKey.js";

const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex").slice(0, 16);

it("is the start of the SHA-256 of a key, whichever way the key is given", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 600 }), (key) => {
      for (const _ of ["first", "again"])
        expect([keyHash(key), new CacheKey(key).hash]).toEqual([sha256(key), sha256(key)]);
      expect(keyHash(new CacheKey(key))).toBe(sha256(key));
      expect(keyHash(Buffer.from(key))).toBe(sha256(Buffer.from(key)));
    }),
  );
});

it("stays the same among more keys than are kept", () => {
  for (let i = 0; i < 5_000; i++) {
    expect(keyHash(`key:${i}`)).toBe(sha256(`key:${i}`));
    if (i % 500 === 0) expect(keyHash("key:0")).toBe(sha256("key:0"));
  }
});

it("is that of the text of a number, and none of an object", () => {
  expect([keyHash(42), keyHash(42n), keyHash({}), keyHash(undefined)]).toEqual([
    sha256("42"),
    sha256("42"),
    undefined,
    undefined,
  ]);
});
