/** Headers as attributes: only those that are listed, and never those that are credentials. */
import type { Attributes } from "../../core/types.js";

/** Lower-case names of headers that may be recorded. */
export type HeaderNames = readonly string[];

const NEVER: readonly string[] = [
  "authorization",
  "proxy-authorization",
  "cookie",
  "set-cookie",
  "x-webhook-signature",
];

/** What of a list may be recorded. */
export function recordableHeaders(listed: readonly string[] = []): HeaderNames {
  return listed.map((name) => name.toLowerCase()).filter((name) => !NEVER.includes(name));
}

/** Reads a header by its lower-case name; a list where it was sent several times. */
export type ReadHeader = (name: string) => string | readonly string[] | null | undefined;

/** The headers that are there, each as a list, as the semantic conventions have it. */
export function headerAttributes(side: "request" | "response", names: HeaderNames, read: ReadHeader): Attributes {
  const attributes: Attributes = {};
  for (const name of names) {
    const value = read(name);
    if (value != null) attributes[`http.${side}.header.${name}`] = typeof value === "string" ? [value] : [...value];
  }
  return attributes;
}
