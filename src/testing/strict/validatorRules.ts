/**
 * What a push rejects in the validators of a function, although the package `convex` builds them without a word:
 * `crates/model/src/modules/function_validators.rs`, `crates/common/src/schemas/json.rs` and
 * `crates/convex/sync_types/src/identifier.rs` of get-convex/convex-backend.
 */

/** `MAX_IDENTIFIER_LEN`. */
const MAX_LENGTH = 64;

/** The reason why the arguments' validator would be rejected, or undefined. */
export function argsProblem(json: string): string | undefined {
  const validator: unknown = JSON.parse(json);
  const type = field(validator, "type");
  if (type !== "object" && type !== "any") return "Args validator must be an object or any";
  return fieldProblem(validator);
}

/** The reason why the result's validator would be rejected, or undefined. */
export function returnsProblem(json: string): string | undefined {
  return fieldProblem(JSON.parse(json));
}

// Objects may be anywhere in arrays, records, unions and other objects.
function fieldProblem(validator: unknown): string | undefined {
  if (typeof validator !== "object" || validator === null) return undefined;
  const value = field(validator, "value");
  const nested = [value, field(validator, "fieldType"), field(validator, "keys"), field(validator, "values")];
  if (field(validator, "type") !== "object") return first(Array.isArray(value) ? value : nested, fieldProblem);
  const fields = Object.entries(Object(value) as Record<string, unknown>);
  return first(fields, ([name, inner]) => nameProblem(name) ?? fieldProblem(field(inner, "fieldType")));
}

function nameProblem(name: string): string | undefined {
  const advice = "Identifiers must start with a letter and can only contain letters, digits, and underscores.";
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return `Identifier ${name} is invalid. ${advice}`;
  if (name.length > MAX_LENGTH) return `Identifier is too long (${name.length} > maximum ${MAX_LENGTH})`;
  return /^_+$/.test(name) ? `Identifier ${name} cannot have exclusively underscores` : undefined;
}

function first<T>(values: readonly T[], problem: (value: T) => string | undefined): string | undefined {
  for (const value of values) {
    const found = problem(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
