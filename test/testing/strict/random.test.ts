/** Random numbers. Rules: `crates/isolate/src/ops/{random,crypto}.rs` of get-convex/convex-backend, and the pages below. */
import { describe, expect, it } from "vitest";
import { callSeed } from "../../../src/testing/strict/seededRandom.js";
import { startRules } from "./rules.js";

// https://docs.convex.dev/functions/runtimes#using-randomness-and-time-in-queries-and-mutations
describe("random numbers", () => {
  it.each(["inQuery", "inMutation", "inAction"] as const)("%s are seeded anew for every call", async (name) => {
    const type = name.slice(2).toLowerCase() as "query" | "mutation" | "action";
    const [one, two] = [await startRules({ seed: 7 }), await startRules({ seed: 7 })];
    const first = await one[type](`random:${name}`);
    expect(await one[type](`random:${name}`)).not.toEqual(first);
    expect(await two[type](`random:${name}`)).toEqual(first);
    expect(await (await startRules({ seed: 8 }))[type](`random:${name}`)).not.toEqual(first);
    expect(one.callsOf(`random:${name}`)).toMatchObject([
      { randomDraws: 3, observedRandom: true, observedTime: false },
      { randomDraws: 3 },
    ]);
  });

  // `import_phase_rng_seed` in crates/model/src/udf_config/types.rs.
  it("drawn while modules are evaluated are the same in every call", async () => {
    const { query } = await startRules();
    const first = (await query("clock:imported")) as { random: number; uuid: string };
    expect(await query("clock:imported")).toMatchObject({ random: first.random, uuid: first.uuid });
    expect(first.uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("are refused beyond 65536 bytes at once", async () => {
    const { query } = await startRules();
    await expect(query("random:tooMany")).rejects.toThrow(
      "Byte length (65537) exceeds the number of bytes of entropy available via this API (65536)",
    );
  });

  // `crypto_rng` in crates/isolate/src/environment/udf/mod.rs.
  it("for keys exist in actions only", async () => {
    const { mutation, action } = await startRules();
    await expect(mutation("random:keyInMutation")).rejects.toThrow(
      "Can't use cryptographic randomness in queries and mutations. Please consider using an action.",
    );
    expect(await action("random:keyInAction")).toBe("generated");
  });

  // crates/isolate/src/ops/subtle_crypto/mod.rs: RSA-PSS and ECDSA signatures and RSA-OAEP draw random numbers, HMAC does not.
  it.each([
    ["query", "keysInQuery", "Can't use cryptographic randomness in"],
    ["mutation", "keysInMutation", "Can't use cryptographic randomness in"],
    ["action", "keysInAction", "works"],
  ] as const)("for signatures are refused in a %s where the algorithm needs them", async (type, name, random) => {
    const backend = await startRules();
    const works = { verify: true, encrypt: "works", export: 16 };
    expect(await backend[type](`random:${name}`)).toEqual({ ...works, ecdsa: random, generate: random });
  });

  it("are not needed for a digest, which works in queries", async () => {
    const { query, callsOf } = await startRules();
    expect(await query("random:digest")).toEqual([true, 0xca]);
    expect(callsOf("random:digest")).toMatchObject([{ randomDraws: 0 }]);
  });

  it("come from seeds that differ from call to call", () => {
    const seeds = new Set(Array.from({ length: 10_000 }, (_, call) => callSeed(1, call)));
    expect(seeds.size).toBeGreaterThan(9_990);
  });
});
