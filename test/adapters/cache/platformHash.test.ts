/** The hash of keys is the same on every platform, whoever computes it. */
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { sha256Hex } from "../../../src/core/sha256.js";

/** The function as it is when it is first asked. */
async function freshly(): Promise<(data: string | Uint8Array) => string> {
  vi.resetModules();
  return (await import("../../../src/adapters/cache/platformHash.js")).platformHash;
}

afterEach(() => vi.unstubAllGlobals());

/** Texts of any code units: a key may be cut in the middle of a character. */
const texts = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));

describe("platformHash", () => {
  it("is what ours computes, for any text and any bytes", async () => {
    const platformHash = await freshly();
    fc.assert(
      fc.property(fc.oneof(texts, fc.uint8Array({ maxLength: 300 })), (data) => platformHash(data) === sha256Hex(data)),
    );
  });

  it("asks the platform, where that can answer at once", async () => {
    const hash = vi.fn(() => "of the platform");
    vi.stubGlobal("process", { getBuiltinModule: () => ({ hash }) });
    const platformHash = await freshly();
    expect(platformHash("q=shoes")).toBe("of the platform");
    expect(hash).toHaveBeenCalledWith("sha256", "q=shoes", "hex");
  });

  it.each([
    ["no process", undefined],
    ["a process without modules, as in Convex", { env: {} }],
    ["no such module", { getBuiltinModule: () => undefined }],
    ["an older one", { getBuiltinModule: () => ({ createHash: () => undefined }) }],
    [
      "one that refuses",
      {
        getBuiltinModule: () => {
          throw new Error("not here");
        },
      },
    ],
  ])("is ours where there is %s", async (_name, process) => {
    vi.stubGlobal("process", process);
    const platformHash = await freshly();
    expect(platformHash("q=shoes")).toBe(sha256Hex("q=shoes"));
  });
});
