/**
 * Values of the `Authorization` header, as the presets need them. Undefined where a part is missing: the exporter then
 * leaves the header out.
 */
import { base64 } from "./base64.js";

/** @internal `Bearer <token>` (RFC 6750 §2.1). */
export function bearer(token: string | undefined): string | undefined {
  return token === undefined ? undefined : `Bearer ${token}`;
}

/** @internal `Basic <base64 of user:password>` (RFC 7617 §2). */
export function basic(user: string | undefined, password: string | undefined): string | undefined {
  if (user === undefined || password === undefined) return undefined;
  return `Basic ${base64(new TextEncoder().encode(`${user}:${password}`))}`;
}
