/**
 * A set of attributes as it is filled: the one place where values are checked, redacted and limited, in this order, so
 * that a redaction hook sees the whole value and nothing reaches a span without passing it.
 */
import type { Attributes, AttributeValue } from "./types.js";

/**
 * Looks at every attribute before it is stored: return the value, another one, or `undefined` to drop it. Also sees
 * exception messages (`exception.message`, `exception.stacktrace`) and status messages (as `status.message`).
 * If it throws, the attribute is dropped.
 *
 * @example
 * ```ts
 * import type { Redact } from "convex-otel";
 *
 * const redact: Redact = (name, value) => (name.endsWith(".email") ? "[redacted]" : value);
 * ```
 */
export type Redact = (name: string, value: AttributeValue) => AttributeValue | undefined;

/** What applies to every attribute, wherever it is set. */
export interface AttributeRules {
  readonly valueLength: number;
  readonly redact: Redact | undefined;
}

/** Attributes being collected. */
export class AttributeBag {
  readonly values: Attributes = {};
  /** Attributes refused: invalid, redacted away by an error, or over the limit. */
  dropped = 0;
  #count = 0;
  readonly #limit: number;
  readonly #rules: AttributeRules;

  constructor(limit: number, rules: AttributeRules) {
    this.#limit = limit;
    this.#rules = rules;
  }

  set(name: string, value: unknown): void {
    if (value === undefined || value === null) return;
    if (typeof name !== "string" || name === "" || name === "__proto__") return void this.dropped++;
    const known = Object.hasOwn(this.values, name);
    if (!known && this.#count >= this.#limit) return void this.dropped++;
    const accepted = admit(name, value, this.#rules);
    if (accepted === undefined) return void this.dropped++;
    if (!known) this.#count++;
    this.values[name] = accepted;
  }

  setAll(attributes: Attributes | undefined): void {
    if (typeof attributes !== "object" || attributes === null) return;
    try {
      for (const name of Object.keys(attributes)) this.set(name, attributes[name]);
    } catch {
      // A getter or proxy of the caller threw: what came before it is kept.
      this.dropped++;
    }
  }
}

/** The value as it may be stored, or undefined if it may not be. */
export function admit(name: string, value: unknown, rules: AttributeRules): AttributeValue | undefined {
  let accepted = valid(value);
  if (accepted !== undefined && rules.redact !== undefined) {
    try {
      accepted = valid(rules.redact(name, accepted));
    } catch {
      return undefined;
    }
  }
  return accepted === undefined || rules.valueLength === Infinity ? accepted : shorten(accepted, rules.valueLength);
}

function valid(value: unknown): AttributeValue | undefined {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
    case "bigint":
      return value;
    case "object":
      if (value instanceof Uint8Array) return value.slice();
      return Array.isArray(value) ? validArray(value) : undefined;
    default:
      return undefined;
  }
}

/** OpenTelemetry allows arrays of one primitive type, with `null` for missing items. Copied: the caller may reuse it. */
function validArray(values: readonly unknown[]): AttributeValue | undefined {
  let type: string | undefined;
  for (const value of values) {
    if (value === null || value === undefined) continue;
    type ??= typeof value;
    if (typeof value !== type) return undefined;
  }
  if (type !== undefined && !["string", "number", "boolean", "bigint"].includes(type)) return undefined;
  return values.slice() as string[];
}

function shorten(value: AttributeValue, length: number): AttributeValue {
  if (typeof value === "string") return value.length > length ? value.slice(0, length) : value;
  if (!Array.isArray(value)) return value;
  return value.map((item: unknown) => (typeof item === "string" ? item.slice(0, length) : item)) as string[];
}
