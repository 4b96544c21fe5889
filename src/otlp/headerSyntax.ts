/**
 * What `fetch` takes as a header. Apart from the merging of headers, because options are checked on every call of a
 * Convex function, and headers are merged only when something is sent.
 */

/** @internal Whether `fetch` takes the name: a token of RFC 9110 §5.6.2. */
export function isHeaderName(name: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name);
}

/** @internal Whether `fetch` takes the value: no control characters, so nothing can add a header line of its own. */
export function isHeaderValue(value: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}
