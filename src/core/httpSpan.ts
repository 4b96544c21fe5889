/**
 * How spans of HTTP requests are named, in Convex and on servers alike: by method and route, never by a path. Methods are
 * free text, so only the known ones may be part of a name.
 */
import type { Attributes } from "./types.js";
import { HTTP_REQUEST_METHOD, HTTP_REQUEST_METHOD_ORIGINAL } from "../semconv/attributes.js";

/** Methods of RFC 9110 and RFC 5789, and the draft of QUERY: those that the semantic conventions know. */
const KNOWN_METHODS: readonly string[] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"]; // prettier-ignore

/** The name of a request's span. `target` is a template: of a route, or of a URL. */
export function httpSpanName(method: string, target: string | undefined, known = KNOWN_METHODS): string {
  const name = known.includes(method) ? method : "HTTP";
  return target === undefined ? name : `${name} ${target}`;
}

/** The method, as attributes. */
export function httpMethodAttributes(method: string, known = KNOWN_METHODS): Attributes {
  const isKnown = known.includes(method);
  return {
    [HTTP_REQUEST_METHOD]: isKnown ? method : "_OTHER",
    [HTTP_REQUEST_METHOD_ORIGINAL]: isKnown ? undefined : method,
  };
}
