/**
 * Values as Convex's logs show them. The runtime formats with the package object-inspect, two spaces of indent and custom
 * `inspect` methods (`npm-packages/udf-runtime/src/02_console.ts` of get-convex/convex-backend); this follows its output for
 * strings, plain data, errors, dates, maps and sets.
 */

/** object-inspect's own limit of nesting. */
const MAX_DEPTH = 5;

/** `maxStringLength` of the runtime, in UTF-16 code units. */
const MAX_STRING_LENGTH = 32_768;

/** All arguments of a console method as one text. */
export function consoleText(args: readonly unknown[]): string {
  return args.map((value) => inspect(value, 0)).join(" ");
}

function inspect(value: unknown, depth: number): string {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "bigint":
      return `${value}n`;
    case "function":
      return value.name === "" ? "[Function (anonymous)]" : `[Function: ${value.name}]`;
    case "symbol":
      return String(value);
    case "object":
      return value === null ? "null" : inspectObject(value, depth);
    default:
      return Object.is(value, -0) ? "-0" : String(value);
  }
}

function inspectObject(value: object, depth: number): string {
  const custom: unknown = Reflect.get(value, "inspect");
  if (typeof custom === "function") {
    const text: unknown = Reflect.apply(custom, value, [MAX_DEPTH - depth]);
    if (typeof text === "string") return text;
  }
  if (depth >= MAX_DEPTH) return Array.isArray(value) ? "[Array]" : "[Object]";
  if (Array.isArray(value)) return inspectArray(value, depth);
  const tag = Object.prototype.toString.call(value);
  if (tag === "[object Error]") return inspectError(value, depth);
  // The value may be of another realm, where `instanceof` says nothing.
  if (tag === "[object Date]") return Date.prototype.toString.call(value);
  if (tag === "[object RegExp]") return RegExp.prototype.toString.call(value);
  if (tag === "[object Map]" || tag === "[object Set]") return inspectCollection(value, tag.slice(8, -1), depth);
  return braces(properties(value, depth), depth);
}

function inspectArray(values: readonly unknown[], depth: number): string {
  const texts = values.map((value) => inspect(value, depth + 1));
  if (texts.length === 0) return "[]";
  return texts.some((text) => text.includes("\n")) ? `[${lines(texts, depth)}]` : `[ ${texts.join(", ")} ]`;
}

function inspectError(error: object, depth: number): string {
  const own = properties(error, depth);
  const text = `[${Error.prototype.toString.call(error)}]`;
  return own.length === 0 ? text : `{ ${text} ${own.join(", ")} }`;
}

function inspectCollection(value: object, name: string, depth: number): string {
  const iterable = value as Iterable<unknown> & { readonly size: number };
  const texts = [...iterable].map((entry) =>
    name === "Map" && Array.isArray(entry)
      ? `${inspect(entry[0], depth + 1)} => ${inspect(entry[1], depth + 1)}`
      : inspect(entry, depth + 1),
  );
  return `${name} (${iterable.size}) {${texts.length === 0 ? "" : lines(texts, depth)}}`;
}

function properties(value: object, depth: number): string[] {
  return Object.entries(value).map(([key, field]: [string, unknown]) => {
    const name = /^[\w$]+$/.test(key) ? key : quote(key);
    return `${name}: ${inspect(field, depth + 1)}`;
  });
}

function braces(texts: readonly string[], depth: number): string {
  return texts.length === 0 ? "{}" : `{${lines(texts, depth)}}`;
}

function lines(texts: readonly string[], depth: number): string {
  const indent = "  ".repeat(depth + 1);
  return `\n${texts.map((text) => indent + text).join(",\n")}\n${"  ".repeat(depth)}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
  "'": "\\'",
  "\\": "\\\\",
};

function quote(text: string): string {
  const rest = text.length - MAX_STRING_LENGTH;
  const shown = rest > 0 ? text.slice(0, MAX_STRING_LENGTH) : text;
  const suffix = rest > 0 ? `... ${rest} more character${rest === 1 ? "" : "s"}` : "";
  return `'${shown.replace(/['\\\p{Cc}]/gu, escape)}'${suffix}`;
}

function escape(character: string): string {
  const code = character.charCodeAt(0);
  // Only the C0 controls: object-inspect leaves those above 0x7e alone.
  if (code > 0x7e) return character;
  return ESCAPES[character] ?? (code === 0x7f ? character : `\\x${code.toString(16).toUpperCase().padStart(2, "0")}`);
}
