/**
 * Checks that a webhook was signed by Stripe: https://docs.stripe.com/webhooks#verify-manually
 *
 * Written against Web Crypto, which Convex functions have: Stripe's own library needs Node's crypto.
 */

/** How old a signature may be, in seconds. The default of Stripe's libraries. */
export const SIGNATURE_TOLERANCE_S = 300;

/** Why a signature was refused. */
export type SignatureProblem = "missing" | "malformed" | "mismatch" | "expired";

/** The outcome of a check. `skewS` is the time of receipt minus the time of signing, in seconds. */
export type SignatureVerdict =
  | { readonly valid: true; readonly skewS: number }
  | { readonly valid: false; readonly reason: SignatureProblem; readonly skewS?: number };

/** What is needed for a check. */
export interface SignedPayload {
  /** The request body exactly as it was received: parsing and printing it again breaks the signature. */
  readonly payload: string;
  /** The `Stripe-Signature` header. */
  readonly header: string | null;
  /** The signing secret of the endpoint, `whsec_…`. */
  readonly secret: string;
  /** The time of receipt, in milliseconds since the Unix epoch. */
  readonly nowMs: number;
}

/** Checks the signature first and the age second, so that only a genuine sender learns about the tolerance. */
export async function verifyStripeSignature(signed: SignedPayload): Promise<SignatureVerdict> {
  if (signed.header === null) return { valid: false, reason: "missing" };
  const parsed = parseSignatureHeader(signed.header);
  if (parsed === undefined) return { valid: false, reason: "malformed" };
  const skewS = signed.nowMs / 1000 - Number(parsed.timestamp);
  const expected = await hmacSha256(signed.secret, `${parsed.timestamp}.${signed.payload}`);
  // Every candidate is compared, also after a match: the time taken says nothing.
  const matches = parsed.signatures.map((candidate) => equalInConstantTime(candidate, expected));
  if (!matches.includes(true)) return { valid: false, reason: "mismatch", skewS };
  if (Math.abs(skewS) > SIGNATURE_TOLERANCE_S) return { valid: false, reason: "expired", skewS };
  return { valid: true, skewS };
}

interface SignatureHeader {
  readonly timestamp: string;
  readonly signatures: readonly string[];
}

/** Reads `t=…,v1=…,v1=…`. There are several `v1` while a secret is being rolled; other schemes are skipped. */
function parseSignatureHeader(header: string): SignatureHeader | undefined {
  const items = header.split(",").map((item) => item.trim().split("=", 2));
  const valuesOf = (key: string) => items.flatMap(([name, value]) => (name === key && value ? [value] : []));
  const [timestamp] = valuesOf("t");
  const signatures = valuesOf("v1");
  if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp) || signatures.length === 0) return undefined;
  return { timestamp, signatures };
}

async function hmacSha256(secret: string, text: string): Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
  const digest = await crypto.subtle.sign("HMAC", key, encoder.encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Looks at every character whatever it finds, so that a forger cannot guess a signature from response times. */
function equalInConstantTime(candidate: string, expected: string): boolean {
  let difference = candidate.length ^ expected.length;
  for (let i = 0; i < expected.length; i++) difference |= candidate.charCodeAt(i) ^ expected.charCodeAt(i);
  return difference === 0;
}
