/**
 * Errors that cross between the realm of a function and the outside. An error keeps its message and, if it is a
 * `ConvexError`, its data; its class stays behind, as it does between calls on a deployment.
 */
import { ConvexError, convexToJson, jsonToConvex, type Value } from "convex/values";

/** An error as plain text. */
export interface Failure {
  /** Name of a built-in class of errors. */
  readonly name: string;
  readonly message: string;
  /** Data of a ConvexError, as JSON text. */
  readonly dataJson?: string;
}

const CONVEX_ERROR = Symbol.for("ConvexError");

/** What is thrown outside, for the realm. */
export function failureOf(thrown: unknown): Failure {
  const name = textField(thrown, "name") ?? "Error";
  const message = messageOf(thrown);
  if (!isConvexError(thrown)) return { name, message };
  return { name, message, dataJson: JSON.stringify(convexToJson((thrown.data ?? null) as Value)) };
}

/** What a function threw, for the outside. `invoke*` of the package `convex` has put a ConvexError's data into JSON. */
export function outsideError(thrown: unknown): Error {
  const stack = textField(thrown, "stack");
  const error = isConvexError(thrown) ? convexError(thrown) : new Error(messageOf(thrown));
  error.name = textField(thrown, "name") ?? "Error";
  if (stack !== undefined) error.stack = stack;
  return error;
}

function convexError(thrown: { readonly data?: unknown }): ConvexError<Value> {
  const data = typeof thrown.data === "string" ? jsonToConvex(parse(thrown.data)) : null;
  const error = new ConvexError(data);
  error.message = messageOf(thrown);
  return error;
}

/** Message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return textField(thrown, "message") ?? String(thrown);
}

function isConvexError(thrown: unknown): thrown is { readonly data?: unknown } {
  return typeof thrown === "object" && thrown !== null && CONVEX_ERROR in thrown;
}

// Errors of another realm are no instances of this one's `Error`.
function textField(thrown: unknown, name: string): string | undefined {
  if (typeof thrown !== "object" || thrown === null) return undefined;
  const value: unknown = Reflect.get(thrown, name);
  return typeof value === "string" ? value : undefined;
}

/** Parses JSON text into what `jsonToConvex` takes. */
export function parse(json: string): Parameters<typeof jsonToConvex>[0] {
  return JSON.parse(json) as Parameters<typeof jsonToConvex>[0];
}
