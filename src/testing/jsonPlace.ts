/**
 * Reads a parsed JSON document place by place. Each reader checks one rule of the OTLP/JSON encoding; when the rule is
 * broken it notes a problem with the path and returns a stand-in, so that the rest of the document is still checked.
 *
 * The rules: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
import type { OtlpProblem } from "./otlpValidationError.js";

/** How exact a document has to be. See {@link DecodeOtlpOptions.validation}. */
export type OtlpValidation = "strict" | "interoperable";

/** What all places of one document share. */
export interface ReadContext {
  readonly validation: OtlpValidation;
  readonly problems: OtlpProblem[];
}

/** Largest value of a protobuf `fixed64` (times), of `uint32` (counts, flags) and of `int64` (attribute values). */
const MAX_UINT64 = 2n ** 64n - 1n;
const MAX_UINT32 = 2 ** 32 - 1;
const MAX_INT64 = 2n ** 63n - 1n;

const ID_STAND_IN = "?";

/** A value in the document, and where it is. */
export class JsonPlace {
  readonly value: unknown;
  readonly path: string;
  readonly context: ReadContext;

  constructor(value: unknown, path: string, context: ReadContext) {
    this.value = value;
    this.path = path;
    this.context = context;
  }

  get strict(): boolean {
    return this.context.validation === "strict";
  }

  /** Absent and `null` are the same in the JSON form of protobuf; in strict mode `null` is noted by {@link fields}. */
  get isAbsent(): boolean {
    return this.value === undefined || this.value === null;
  }

  problem(message: string): void {
    this.context.problems.push({ path: this.path === "" ? "$" : this.path, message });
  }

  /** The member of an object; an absent place if this is no object. */
  at(name: string): JsonPlace {
    const path = this.path === "" ? name : `${this.path}.${name}`;
    return new JsonPlace(
      isObject(this.value) && Object.hasOwn(this.value, name) ? this.value[name] : undefined,
      path,
      this.context,
    );
  }

  /** Checks that this is an object with no members but these. False if it is no object. */
  fields(known: readonly string[]): boolean {
    if (!isObject(this.value)) {
      this.problem(`expected an object, got ${describe(this.value)}`);
      return false;
    }
    for (const [name, value] of Object.entries(this.value)) {
      if (!known.includes(name)) this.at(name).unknownField(name, known);
      else if (value === null && this.strict) this.at(name).problem("is null; leave the field out");
    }
    return true;
  }

  /** Items of an array; none if it is absent. */
  items(): JsonPlace[] {
    if (this.isAbsent) return [];
    if (!Array.isArray(this.value)) {
      this.problem(`expected an array, got ${describe(this.value)}`);
      return [];
    }
    return this.value.map((item: unknown, index) => new JsonPlace(item, `${this.path}[${index}]`, this.context));
  }

  /** A string of valid Unicode; `""` if it is absent. */
  text(): string {
    if (this.isAbsent) return "";
    if (typeof this.value !== "string") {
      this.problem(`expected a string, got ${describe(this.value)}`);
      return "";
    }
    if (/\p{Surrogate}/u.test(this.value)) this.problem("holds a lone surrogate, which is not valid UTF-8");
    return this.value;
  }

  /** A string that says something. */
  requiredText(): string {
    const text = this.text();
    if (text === "" && (this.isAbsent || typeof this.value === "string"))
      this.problem("is required and must not be empty");
    return text;
  }

  /** An id: `digits` lower-case hex digits, not all zero. */
  id(digits: 16 | 32): string {
    const text = this.value;
    if (typeof text !== "string" || text.length !== digits || !/^[0-9a-f]+$/i.test(text)) {
      this.problem(`expected ${digits} hex digits, got ${describe(text)}`);
      return ID_STAND_IN;
    }
    if (/^0+$/.test(text)) this.problem("is all zero, which means no id");
    if (this.strict && text !== text.toLowerCase()) this.problem("has upper-case hex digits; write lower case");
    return text.toLowerCase();
  }

  /** A count or flags field; 0 if it is absent. */
  uint32(): number {
    if (this.isAbsent) return 0;
    if (typeof this.value === "number" && Number.isInteger(this.value) && this.value >= 0 && this.value <= MAX_UINT32) {
      return this.value;
    }
    this.problem(`expected a whole number from 0 to ${MAX_UINT32}, got ${describe(this.value)}`);
    return 0;
  }

  /** An enum: one of the integers 0 to `last`; 0 if it is absent. */
  enumeration(last: number, meaning: string): number {
    if (this.isAbsent) return 0;
    if (typeof this.value === "number" && Number.isInteger(this.value) && this.value >= 0 && this.value <= last) {
      return this.value;
    }
    this.problem(`expected an integer from 0 to ${last} (${meaning}), got ${describe(this.value)}`);
    return 0;
  }

  /** A moment in nanoseconds since the Unix epoch; undefined if it cannot be read. */
  nanos(): bigint | undefined {
    if (this.isAbsent) {
      this.problem("is required");
      return undefined;
    }
    return this.wholeNumber(0n, MAX_UINT64);
  }

  /** A 64-bit integer value; undefined if it cannot be read. */
  int64(): bigint | undefined {
    return this.wholeNumber(-MAX_INT64 - 1n, MAX_INT64);
  }

  private unknownField(name: string, known: readonly string[]): void {
    const camel = name.replace(/_+([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (camel !== name && known.includes(camel)) this.problem(`is the name in the .proto file; JSON has "${camel}"`);
    else if (this.strict) this.problem(`unknown field; known here: ${known.join(", ")}`);
  }

  private wholeNumber(least: bigint, most: bigint): bigint | undefined {
    const digits = this.digits();
    if (digits === undefined) return undefined;
    const whole = BigInt(digits);
    if (whole >= least && whole <= most) return whole;
    this.problem(`${digits} is out of range (${least} to ${most})`);
    return undefined;
  }

  /** The digits of a 64-bit integer. Protobuf's JSON form lets readers take numbers too, which lose digits past 2^53. */
  private digits(): string | undefined {
    if (typeof this.value === "string" && /^(?:0|-?[1-9]\d*)$/.test(this.value)) return this.value;
    if (typeof this.value === "number" && Number.isSafeInteger(this.value)) {
      if (!this.strict) return String(this.value);
      this.problem(`is a JSON number; 64-bit integers are decimal strings: "${this.value}"`);
      return undefined;
    }
    this.problem(`expected a decimal string, got ${describe(this.value)}`);
    return undefined;
  }
}

/** Whether a parsed JSON value is an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Names a value in a message, short enough that a whole payload never ends up in a test log. */
export function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "an array";
  if (isObject(value)) return "an object";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
