/**
 * `crypto.subtle` for functions. Where an algorithm needs real randomness, queries and mutations may not use it:
 * `crates/isolate/src/ops/subtle_crypto/mod.rs` and `crypto_rng` in `environment/udf/mod.rs` of get-convex/convex-backend.
 */
import { webcrypto } from "node:crypto";

/** The methods that there are. */
export const SUBTLE_METHODS: readonly string[] =
  "decrypt deriveBits deriveKey digest encrypt exportKey generateKey importKey sign verify".split(" ");

/** Runs a method. */
export async function runSubtle(name: string, args: readonly unknown[]): Promise<unknown> {
  const method: unknown = Reflect.get(webcrypto.subtle, name);
  if (typeof method !== "function") throw new TypeError(`crypto.subtle.${name} is not a function`);
  return (await Reflect.apply(method, webcrypto.subtle, args)) as unknown;
}

/** Whether a call of a method needs randomness that is not seeded. */
export function needsRealRandomness(name: string, [algorithm]: readonly unknown[]): boolean {
  if (name === "generateKey") return true;
  const given: unknown =
    typeof algorithm === "object" && algorithm !== null ? Reflect.get(algorithm, "name") : algorithm;
  const algorithmName = typeof given === "string" ? given.toUpperCase() : "";
  if (name === "sign") return algorithmName === "RSA-PSS" || algorithmName === "ECDSA";
  return name === "encrypt" && algorithmName === "RSA-OAEP";
}
