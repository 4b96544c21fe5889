/**
 * The SHA-256 of the platform, where it has a synchronous one: Node.js and what is compatible with it. Ours in JavaScript takes
 * ten times as long. Asked for without an import, which no bundler of a worker or of Convex would resolve.
 */
import { sha256Hex } from "../../core/sha256.js";

/** `crypto.hash` of Node.js, from 20.12 and 21.7 on. */
type OneShotHash = (algorithm: "sha256", data: string | Uint8Array, encoding: "hex") => string;

interface Platform {
  readonly process?: { readonly getBuiltinModule?: (id: string) => { readonly hash?: unknown } | undefined };
}

let hash: ((data: string | Uint8Array) => string) | undefined;

/** SHA-256 as lower-case hex digits, of a text's UTF-8 or of bytes. */
export function platformHash(data: string | Uint8Array): string {
  // Looked for when first needed: what a module does when it is loaded, Convex pays for on every call.
  hash ??= findHash();
  return hash(data);
}

function findHash(): (data: string | Uint8Array) => string {
  try {
    const oneShot = (globalThis as Platform).process?.getBuiltinModule?.("node:crypto")?.hash;
    if (typeof oneShot === "function") return (data) => (oneShot as OneShotHash)("sha256", data, "hex");
  } catch {
    // Something that only looks like Node.js.
  }
  return sha256Hex;
}
