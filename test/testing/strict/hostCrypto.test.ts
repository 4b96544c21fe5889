/** Which algorithms draw random numbers: `crates/isolate/src/ops/subtle_crypto/mod.rs` of get-convex/convex-backend. */
import { describe, expect, it } from "vitest";
import { needsRealRandomness } from "../../../src/testing/strict/hostCrypto.js";

describe("real randomness", () => {
  it.each([
    ["generateKey", { name: "HMAC", hash: "SHA-256" }, true],
    ["sign", { name: "RSA-PSS", saltLength: 32 }, true],
    ["sign", { name: "ECDSA", hash: "SHA-256" }, true],
    ["sign", { name: "RSASSA-PKCS1-v1_5" }, false],
    ["sign", "Ed25519", false],
    ["sign", "HMAC", false],
    ["verify", { name: "ECDSA", hash: "SHA-256" }, false],
    ["encrypt", { name: "RSA-OAEP" }, true],
    ["encrypt", { name: "rsa-oaep" }, true],
    ["encrypt", { name: "AES-GCM" }, false],
    ["decrypt", { name: "RSA-OAEP" }, false],
    ["digest", "SHA-256", false],
    ["deriveBits", { name: "PBKDF2" }, false],
    ["importKey", "raw", false],
  ] as const)("%s with %o: %s", (method, algorithm, needed) => {
    expect(needsRealRandomness(method, [algorithm])).toBe(needed);
  });
});
