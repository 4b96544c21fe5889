/** Who asks: an API key in `x-api-key`, of which only the hash is known. */
import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** A customer of the API. */
export interface Customer {
  readonly name: string;
}

/** Customers by the SHA-256 of their keys. */
export type Customers = ReadonlyMap<string, Customer>;

/** @param keys - names of customers by their API keys */
export function customersByKey(keys: Readonly<Record<string, string>>): Customers {
  return new Map(Object.entries(keys).map(([key, name]) => [hashOf(key), { name }]));
}

/** The customer of a request, if it has a valid key. A look-up by hash takes the same time for any wrong key. */
export function authenticate(headers: IncomingHttpHeaders, customers: Customers): Customer | undefined {
  const key = headers["x-api-key"];
  return typeof key === "string" ? customers.get(hashOf(key)) : undefined;
}

function hashOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}
