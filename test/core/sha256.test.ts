import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../src/core/sha256.js";

const expected = (input: string | Uint8Array): string => createHash("sha256").update(input).digest("hex");

describe("sha256Hex", () => {
  it("is that of the standard, for any text", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => sha256Hex(text) === expected(text)));
  });

  it("is that of the standard, for any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => sha256Hex(bytes) === expected(bytes)));
  });

  it.each([0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 128, 100_000])(
    "holds at the edges of blocks: %d bytes",
    (length) => {
      expect(sha256Hex("a".repeat(length))).toBe(expected("a".repeat(length)));
    },
  );

  it("can be cut", () => {
    expect(sha256Hex("abc", 16)).toBe("ba7816bf8f01cfea");
  });
});
