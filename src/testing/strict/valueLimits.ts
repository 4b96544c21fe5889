/** How long, wide, deep and large a value may be. Sources: `crates/value/src` and `crates/common/src/document.rs` of get-convex/convex-backend. */
import { getConvexSize, jsonToConvex, type JSONValue } from "convex/values";

import { parse } from "./failure.js";

/** `MAX_ARRAY_LEN` in `array.rs`. */
const MAX_ARRAY_LENGTH = 8192;

/** `MAX_OBJECT_FIELDS` in `object.rs`. */
const MAX_FIELDS = 1024;

/** `MAX_NESTING` in `size.rs`. */
const MAX_NESTING = 64;

/** `MAX_DOCUMENT_NESTING` in `document.rs`. */
const MAX_DOCUMENT_NESTING = 16;

/** `MAX_USER_SIZE` in `document.rs`, in bytes. */
const MAX_DOCUMENT_BYTES = 2 ** 20;

/** Writes that carry a document, or a part of one. */
const WRITES: ReadonlySet<string> = new Set(["1.0/insert", "1.0/replace", "1.0/shallowMerge"]);

/** Throws if a value in JSON form is not within the limits. */
export function checkValue(json: JSONValue): void {
  const nesting = nestingOf(json);
  if (nesting <= MAX_NESTING) return;
  throw new Error(`Value is too nested (nested ${nesting} levels deep > maximum nesting ${MAX_NESTING})`);
}

/** Throws if an operation would write a document that is not within the limits. Of what is patched, the patch counts alone. */
export function checkWrite(name: string, argsJson: string): void {
  if (!WRITES.has(name)) return;
  const { value } = JSON.parse(argsJson) as { readonly value?: JSONValue };
  if (value === undefined || isPatchWithUndefined(value)) return;
  const nesting = nestingOf(value);
  if (nesting > MAX_DOCUMENT_NESTING) {
    throw new Error(`Document is too nested (nested ${nesting} levels deep > maximum nesting ${MAX_DOCUMENT_NESTING})`);
  }
  const size = getConvexSize(jsonToConvex(parse(JSON.stringify(value))));
  if (size > MAX_DOCUMENT_BYTES) {
    throw new Error(`Value is too large (${(size / MAX_DOCUMENT_BYTES).toFixed(2)} MiB > maximum size 1 MiB)`);
  }
}

// Fields that a patch removes are `{ "$undefined": null }`, which is no value.
function isPatchWithUndefined(value: JSONValue): boolean {
  return JSON.stringify(value).includes('"$undefined"');
}

function nestingOf(json: JSONValue): number {
  if (typeof json !== "object" || json === null) return 0;
  if (Array.isArray(json)) {
    if (json.length > MAX_ARRAY_LENGTH) {
      throw new Error(`Array length is too long (${json.length} > maximum length ${MAX_ARRAY_LENGTH})`);
    }
    return 1 + deepest(json);
  }
  const keys = Object.keys(json);
  // Encodings of int64, bytes and special numbers.
  if (keys.length === 1 && keys[0]?.startsWith("$") === true) return 0;
  if (keys.length > MAX_FIELDS) {
    throw new Error(`Object has too many fields (${keys.length} > maximum number ${MAX_FIELDS})`);
  }
  return 1 + deepest(Object.values(json));
}

function deepest(values: readonly (JSONValue | undefined)[]): number {
  return values.reduce<number>((most, value) => (value === undefined ? most : Math.max(most, nestingOf(value))), 0);
}
