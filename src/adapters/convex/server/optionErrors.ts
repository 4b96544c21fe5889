/** What is said about wrong options. Only loaded to say it, so it is told the names, which whoever checks has already. */

/** What each option may be. */
function allowedValues(limitNames: readonly string[]): Readonly<Record<string, string>> {
  return {
    service: "{ name?, version?, namespace? }, each a non-empty string",
    resource: "an object of attributes: strings, numbers, booleans, or arrays of them",
    exporter: 'an exporter made by a function of "convex-otel/otlp", such as otlp() or honeycomb()',
    uninstrumented: 'an array of function paths such as "dir/mod:fn", "mod:*", "dir/*" or "*"',
    sampling: 'a number from 0 to 1, or such numbers by function path: { "presence:*": 0, "*": 1 }',
    keepUnsampled: '"never", "errors" or a function',
    publicContext: '"continue", "link" or "ignore"',
    traceBound: "{ maxHops?, maxAgeMs? }, numbers not below 0",
    limits: `whole numbers not below 0 for ${limitNames.join(", ")}`,
    redact: "a function (name, value) => value or undefined",
    aiContent: '"omit" or "record"',
    deliver: 'the path of the exported deliver function, such as "otel:deliver"',
    outbox: "components.otel",
    diagnostics: "a function (diagnostic) => void",
  };
}

/** A wrong option, or one that does not exist; `options` for what is no object at all. */
export function optionError(name: string, given: unknown, limitNames: readonly string[]): TypeError {
  const allowed = allowedValues(limitNames);
  if (Object.hasOwn(allowed, name)) return error(`option "${name}": got ${show(given)}`, allowed[name]);
  if (name === "options" && !isObject(given)) return error(`option "options": got ${show(given)}`, "an object");
  return error(`unknown option "${name}": got ${show(name)}`, Object.keys(allowed).join(", "));
}

function error(what: string, allowed: string | undefined): TypeError {
  return new TypeError(`instrumentConvex: ${what}; allowed: ${allowed}.`);
}

/** A first argument without some of the builders. */
export function serverError(missing: readonly string[], builders: readonly string[]): TypeError {
  const given = missing.length === builders.length ? "something else" : `no ${missing.join(", ")}`;
  return new TypeError(
    `instrumentConvex: the first argument must be the module ./_generated/server, with the builders ${builders.join(", ")}; got ${given}.`,
  );
}

/** What was given, without what may be secret: of objects, which hold headers and keys, only the names. */
function show(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `[${value.slice(0, 5).map(show).join(", ")}]`;
  if (isObject(value)) return `{ ${Object.keys(value).join(", ")} }`;
  return typeof value === "string" ? JSON.stringify(value.slice(0, 80)) : String(value);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
