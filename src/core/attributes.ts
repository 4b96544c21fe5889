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

/** What collects attributes: a span, an event, a link. Members are named as in the finished records. */
export class AttributeCollector {
  readonly attributes: Attributes = {};
  /** Attributes refused: invalid, redacted away by an error, or over the limit. */
  droppedAttributesCount = 0;
  // Counted, since `Object.keys` takes as long as there are attributes already.
  #count = 0;
  readonly #limit: number;
  readonly #rules: AttributeRules;

  constructor(limit: number, rules: AttributeRules, attributes?: Attributes) {
    this.#limit = limit;
    this.#rules = rules;
    this.setAll(attributes);
  }

  set(name: string, value: unknown): void {
    if (value === undefined || value === null) return;
    const isLegal = typeof name === "string" && name !== "" && name !== "__proto__";
    const isNew = isLegal && !Object.hasOwn(this.attributes, name);
    const hasRoom = isLegal && (!isNew || this.#count < this.#limit);
    const accepted = hasRoom ? admit(name, value, this.#rules) : undefined;
    if (accepted === undefined) {
      this.droppedAttributesCount++;
      return;
    }
    if (isNew) this.#count++;
    this.attributes[name] = accepted;
  }

  setAll(attributes: Attributes | undefined): void {
    if (typeof attributes !== "object" || attributes === null) return;
    try {
      for (const name of Object.keys(attributes)) this.set(name, attributes[name]);
    } catch {
      // A getter or proxy of the caller threw: what came before it is kept.
      this.droppedAttributesCount++;
    }
  }
}

/** The value as it may be stored, or undefined if it may not be. */
export function admit(
  name: string,
  value: unknown,
  { redact, valueLength }: AttributeRules,
): AttributeValue | undefined {
  let accepted = valid(value);
  if (accepted !== undefined && redact !== undefined) {
    try {
      accepted = valid(redact(name, accepted));
    } catch {
      return undefined;
    }
  }
  if (accepted === undefined || valueLength === Infinity) return accepted;
  if (Array.isArray(accepted)) return accepted.map((item: unknown) => shorten(item, valueLength)) as string[];
  return shorten(accepted, valueLength);
}

function shorten<T>(value: T, length: number): T | string {
  return typeof value === "string" ? value.slice(0, length) : value;
}

/** Lists and bytes are copied: the caller may use theirs again. */
function valid(value: unknown): AttributeValue | undefined {
  if (isPrimitive(value)) return value;
  if (value instanceof Uint8Array) return value.slice();
  return Array.isArray(value) && isUniform(value) ? (value.slice() as string[]) : undefined;
}

/** OpenTelemetry allows arrays of one primitive type, with `null` for missing items. */
function isUniform(values: readonly unknown[]): boolean {
  const items = values.filter((item) => item !== null && item !== undefined);
  return items.every((item) => isPrimitive(item) && typeof item === typeof items[0]);
}

function isPrimitive(value: unknown): value is string | number | boolean | bigint {
  const type = typeof value;
  return type === "string" || type === "number" || type === "boolean" || type === "bigint";
}
