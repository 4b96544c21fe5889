/**
 * What was thrown, as telemetry may know it.
 *
 * Anything can be thrown, so nothing here trusts its shape. Convex quotes the rejected data in its validation errors;
 * that data is cut out here, before it can reach a span. The thrown object itself is never changed: the caller rethrows
 * the same one, or Convex would lose the data of a `ConvexError`.
 */

/** A thrown value, described. */
export interface ErrorDescription {
  /** Low-cardinality class of the failure, for `error.type`. */
  readonly type: string;
  /** Class name of what was thrown, for `exception.type`. */
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** The application's own code, where a `ConvexError` carries one. */
  readonly code: string | undefined;
}

const UNKNOWN: ErrorDescription = {
  type: "_OTHER",
  name: "unknown",
  message: "A value was thrown that cannot be read.",
  stack: undefined,
  code: undefined,
};

/** Describes what was thrown. Never throws itself. */
export function describeError(thrown: unknown): ErrorDescription {
  try {
    if (typeof thrown !== "object" || thrown === null) return describePrimitive(thrown);
    return Symbol.for("ConvexError") in thrown ? describeConvexError(thrown) : describeObject(thrown);
  } catch {
    return UNKNOWN;
  }
}

function describePrimitive(thrown: unknown): ErrorDescription {
  const name = thrown === null ? "null" : typeof thrown;
  return { type: name, name, message: withoutRejectedData(String(thrown)), stack: undefined, code: undefined };
}

function describeObject(thrown: object): ErrorDescription {
  const name = text(thrown, "name") ?? thrown.constructor?.name ?? "Object";
  const message = text(thrown, "message") ?? "";
  return {
    type: knownType(message) ?? lowCardinality(name),
    name,
    message: withoutRejectedData(message),
    stack: withoutRejectedDataIn(text(thrown, "stack")),
    code: undefined,
  };
}

/**
 * `ConvexError` carries application data, which may hold anything. Only what is meant for people is taken: a string, or
 * the `message` and `code` of an object. Convex turns `data` into JSON text when a call fails; both forms are read.
 */
function describeConvexError(thrown: object): ErrorDescription {
  const data = parseData((thrown as { readonly data?: unknown }).data);
  const message = typeof data === "string" ? data : (text(data, "message") ?? "ConvexError");
  const stack = text(thrown, "stack");
  const frames = stack === undefined ? -1 : stack.search(/^ {4}at /m);
  return {
    type: "convex_error",
    name: "ConvexError",
    message,
    stack: stack === undefined || frames < 0 ? undefined : `ConvexError: ${message}\n${stack.slice(frames)}`,
    code: text(data, "code"),
  };
}

function parseData(data: unknown): unknown {
  if (typeof data !== "string" || !/^["{[]/.test(data)) return data;
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return data;
  }
}

/** Reads a string (or number) member of anything. */
function text(source: unknown, member: string): string | undefined {
  if (typeof source !== "object" || source === null) return undefined;
  const value = (source as Record<string, unknown>)[member];
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined;
}

/** Failures of the platform that arrive as plain errors and are told by their text. */
function knownType(message: string): string | undefined {
  if (message.includes("ArgumentValidationError")) return "argument_validation";
  if (message.includes("ReturnsValidationError")) return "returns_validation";
  if (message.includes("changed while this mutation was being run")) return "occ_conflict";
  return undefined;
}

/** `error.type` must be predictable: a class name is, a sentence is not. */
function lowCardinality(name: string): string {
  return /^[A-Za-z_$][\w.$]{0,63}$/.test(name) ? name : "_OTHER";
}

/**
 * Cuts the data that Convex quotes out of its errors: `Object: {…}` or `Value: …` of validation errors, up to the
 * `Validator:` line (`ArgumentValidationError`, `ReturnsValidationError`, schema errors), and the value and `original
 * object` of values that it cannot store (`convex/src/values/value.ts`). And what a model said, as the AI SDK quotes it
 * (`JSON parsing failed: Text: …`, `Type validation failed: Value: …`).
 */
export function withoutRejectedData(message: string): string {
  if (message.includes("Convex type") || message.includes("Convex value")) return withoutUnsupportedValue(message);
  if (!/alidat|parsing failed/.test(message)) return message;
  return message.replace(
    /(^|\n|failed: )(Object|Value|Text): [\s\S]*?(?=\n{1,2}Validator: |\n {4}at |$)/g,
    "$1$2: [removed]",
  );
}

/** `[value] is not a supported Convex type (present at path .a in original object [object]). To learn …` */
function withoutUnsupportedValue(message: string): string {
  const verdict = message.search(/ is not a (supported Convex type|valid Convex value)/);
  if (verdict < 0) return message;
  const rest = message
    .slice(verdict)
    .replace(/in original object [\s\S]*?(?=\)\. To learn about|\n {4}at |$)/, "in original object [removed]");
  return `A value${rest}`;
}

function withoutRejectedDataIn(stack: string | undefined): string | undefined {
  return stack === undefined ? undefined : withoutRejectedData(stack);
}
