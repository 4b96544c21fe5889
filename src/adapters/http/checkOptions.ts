/** The check of what this adapter is given: wrong options are errors when a handler is wrapped, not when it runs. */
import { isHostPattern } from "./hosts.js";

interface Rule {
  readonly allowed: string;
  readonly isAllowed: (value: unknown) => boolean;
}

const shared: Readonly<Record<string, Rule>> = {
  query: oneOf("names", "values"),
  secretParameters: { allowed: "an array of names of parameters", isAllowed: isListOf(isText) },
  captureHeaders: {
    allowed: "{ request?, response? }, each an array of header names",
    isAllowed: (value) =>
      isObject(value) &&
      Object.entries(value).every(
        ([name, names]) =>
          ["request", "response"].includes(name) && (names === undefined || isListOf(isHeaderName)(names)),
      ),
  },
  diagnostics: { allowed: "a function (diagnostic) => void", isAllowed: isFunction },
};

const server: Readonly<Record<string, Rule>> = {
  route: {
    allowed: 'a template such as "/orders/:id", or a function that returns one',
    isAllowed: (value) => isText(value) || isFunction(value),
  },
  endpointClass: {
    allowed: 'a class such as "search", or classes by route: { "/api/search": "search" }',
    isAllowed: (value) => isText(value) || (isObject(value) && Object.values(value).every(isText)),
  },
  ignore: {
    allowed: 'an array of paths such as "/healthz" or "/assets/*", or a function that returns a boolean',
    isAllowed: (value) => isFunction(value) || isListOf((path) => isText(path) && path.startsWith("/"))(value),
  },
  publicContext: oneOf("continue", "link", "ignore"),
  ...shared,
};

const client: Readonly<Record<string, Rule>> = {
  propagateTo: {
    allowed: 'an array of hosts such as "api.example.com", "*.example.com", "localhost:4000" or "*", or a function',
    isAllowed: (value) => isFunction(value) || isListOf(isHostPattern)(value),
  },
  template: { allowed: "a function (url, method) => string or undefined", isAllowed: isFunction },
  fetch: { allowed: "a function with the arguments of fetch", isAllowed: isFunction },
  ...shared,
};

const rules = { server, client };

/** @throws TypeError that names the option, what was given and what is allowed. */
export function checkOptions(caller: string, options: unknown, side: keyof typeof rules): void {
  if (!isObject(options)) throw new TypeError(`${caller}: got ${show(options)} for options; allowed: an object.`);
  for (const [name, given] of Object.entries(options)) {
    const rule = Object.hasOwn(rules[side], name) ? rules[side][name] : undefined;
    if (rule === undefined) {
      throw new TypeError(`${caller}: unknown option "${name}"; allowed: ${Object.keys(rules[side]).join(", ")}.`);
    }
    if (given !== undefined && !rule.isAllowed(given)) {
      throw new TypeError(`${caller}: option "${name}": got ${show(given)}; allowed: ${rule.allowed}.`);
    }
  }
}

function oneOf(...values: readonly string[]): Rule {
  return {
    allowed: values.map((value) => `"${value}"`).join(" or "),
    isAllowed: (value) => values.some((allowed) => allowed === value),
  };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** A token of RFC 9110. */
function isHeaderName(value: unknown): boolean {
  return typeof value === "string" && /^[\w!#$%&'*+\-.^`|~]+$/.test(value);
}

function isListOf(isItem: (item: unknown) => boolean): (value: unknown) => boolean {
  return (value) => Array.isArray(value) && value.every(isItem);
}

/** What was given, shortened; of objects only the names. */
function show(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `[${value.slice(0, 5).map(show).join(", ")}]`;
  if (isObject(value)) return `{ ${Object.keys(value).join(", ")} }`;
  return typeof value === "string" ? JSON.stringify(value.slice(0, 80)) : String(value);
}
