/**
 * What was thrown, as telemetry may know it.
 *
 * Anything can be thrown, so nothing here trusts its shape. Convex quotes the rejected data in its validation errors;
 * that data is cut out here, before it can reach a span. The thrown object itself is never changed: the caller rethrows
 * the same one, or Convex would lose the data of a `ConvexError`.
 */
import { ERROR_RULES, type GlobalWithRules } from "./errorRules.js";

/** A thrown value, described. */
export interface ErrorDescription {
  /** Low-cardinality class of the failure, for `error.type`. */
  readonly type: string;
  /** Class name of what was thrown, for `exception.type`. */
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  /** The application's own code, where a `ConvexError` carries one. */
  readonly code?: string | undefined;
}

/** Describes what was thrown. Never throws itself. */
export function describeError(thrown: unknown): ErrorDescription {
  try {
    if (typeof thrown === "object" && thrown !== null) {
      if (Symbol.for("ConvexError") in thrown) return describeConvexError(thrown);
      return describeObject((globalThis as GlobalWithRules)[ERROR_RULES]?.(thrown) ?? thrown);
    }
    const name = thrown === null ? "null" : typeof thrown;
    return { type: name, name, message: withoutRejectedData(String(thrown)) };
  } catch {
    return { type: "_OTHER", name: "unknown", message: "What was thrown cannot be read." };
  }
}

function describeObject(thrown: object): ErrorDescription {
  const name = text(thrown, "name") ?? thrown.constructor?.name ?? "Object";
  const message = text(thrown, "message") ?? "";
  const stack = text(thrown, "stack");
  return {
    type: platformFailure(message) ?? (CLASS_NAME.test(name) ? name : "_OTHER"),
    name,
    message: withoutRejectedData(message),
    stack: stack && withoutRejectedData(stack),
  };
}

/**
 * `ConvexError` carries application data, which may hold anything. Only what is meant for people is taken: a string, or
 * the `message` and `code` of an object. Convex turns `data` into JSON text when a call fails; both forms are read.
 */
function describeConvexError(thrown: { readonly data?: unknown }): ErrorDescription {
  const name = "ConvexError";
  const data = parsed(thrown.data);
  const message = typeof data === "string" ? data : (text(data, "message") ?? name);
  // The first lines of the stack are the message, with all of the data.
  const frames = /^ {4}at [^]*/m.exec(text(thrown, "stack") ?? "")?.[0];
  return {
    type: "convex_error",
    name,
    message,
    stack: frames && `${name}: ${message}\n${frames}`,
    code: text(data, "code"),
  };
}

function parsed(data: unknown): unknown {
  try {
    return typeof data === "string" && /^["{[]/.test(data) ? (JSON.parse(data) as unknown) : data;
  } catch {
    return data;
  }
}

/** Reads a string (or number) member of anything. */
function text(source: unknown, member: string): string | undefined {
  const value = (source as Partial<Record<string, unknown>> | null | undefined)?.[member];
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

/** `error.type` must be predictable: a class name is, a sentence is not. */
const CLASS_NAME = /^[A-Za-z_$][\w.$]{0,63}$/;

/** Failures of the platform that arrive as plain errors and are told by their text. */
function platformFailure(message: string): string | undefined {
  const part = /(Argument|Returns)ValidationError/.exec(message)?.[1];
  if (part) return `${part.toLowerCase()}_validation`;
  return message.includes("changed while this mutation") ? "occ_conflict" : undefined;
}

/**
 * `Object: {…}` or `Value: …` of validation errors (arguments, returns, schema), up to the `Validator:` line. And what a model
 * said, as the AI SDK quotes it (`JSON parsing failed: Text: …`, `Type validation failed: Value: …`).
 */
const REJECTED = /(^|\n|failed: )(Object|Value|Text): [^]*?(?=\n{1,2}Validator: |\n {4}at |$)/g;

/** `[value] is not a supported Convex type (present at path .a in original object [object]). To learn …` */
const UNSUPPORTED = /^[^]*?(?= is not a (supported Convex type|valid Convex value))/;
const ORIGINAL = /in original object [^]*?(?=\)\. To learn about|\n {4}at |$)/;

/** Cuts the data that Convex (`convex/src/values/value.ts` and the backend's validators) and the AI SDK quote out of errors. */
export function withoutRejectedData(message: string): string {
  if (UNSUPPORTED.test(message)) {
    return message.replace(UNSUPPORTED, "A value").replace(ORIGINAL, "in original object [removed]");
  }
  return /alidat|parsing failed/.test(message) ? message.replace(REJECTED, "$1$2: [removed]") : message;
}
