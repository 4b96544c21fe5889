/**
 * The check of what `instrumentConvex` is given. It runs whenever a module is evaluated, which in Convex means on every
 * call: so it only tells right from wrong, and what is said about a wrong option is elsewhere.
 */
import { optionError, serverError } from "./optionErrors.js";
import { BUILDERS, LIMIT_NAMES } from "./optionNames.js";

/** Throws for plain JavaScript, a forgotten argument, and all else that types would have shown. */
export function checkOptions(options: unknown): void {
  if (!isObject(options)) throw optionError("options", options, LIMIT_NAMES);
  for (const name of Object.keys(options)) {
    const given = options[name];
    if (given !== undefined && !isAllowed(name, given)) throw optionError(name, given, LIMIT_NAMES);
  }
}

/** Throws where a builder is missing. */
export function checkServer(server: unknown): void {
  const given = Object(server) as object;
  const missing = BUILDERS.filter((name) => !hasBuilder(given, name));
  if (missing.length > 0) throw serverError(missing, BUILDERS);
}

/** Getters are not called: bundlers make namespaces of them, and each would have to be compiled. */
function hasBuilder(server: object, name: string): boolean {
  const own = Object.getOwnPropertyDescriptor(server, name);
  return own?.get !== undefined || typeof Reflect.get(server, name) === "function";
}

/** Whether an option exists and may have this value. */
function isAllowed(name: string, given: unknown): boolean {
  switch (name) {
    case "service":
      return isRecordOf(given, isText, ["name", "version", "namespace"]);
    case "resource":
      return isRecordOf(given, isAttributeValue);
    case "exporter":
      return isExporter(given);
    case "uninstrumented":
      return Array.isArray(given) && given.every(isPattern);
    case "sampling":
      return isRatio(given) || (isRecordOf(given, isRatio) && Object.keys(given).every(isSamplingKey));
    case "keepUnsampled":
      return given === "never" || given === "errors" || isFunction(given);
    case "publicContext":
      return given === "continue" || given === "link" || given === "ignore";
    case "traceBound":
      return isRecordOf(given, isCount, ["maxHops", "maxAgeMs"]);
    case "limits":
      return isRecordOf(given, isLimit, LIMIT_NAMES);
    case "aiContent":
      return given === "omit" || given === "record";
    case "deliver":
      return isPattern(given) && /:\w/.test(given);
    case "redact":
    case "diagnostics":
      return isFunction(given);
    default:
      // Whatever a test puts in the place of `components`, it is looked at when it is used.
      return name === "outbox";
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether all members are allowed, and have one of the names, if any are given. */
function isRecordOf(
  value: unknown,
  isMember: (member: unknown) => boolean,
  names?: readonly string[],
): value is object {
  if (!isObject(value)) return false;
  for (const name of Object.keys(value)) {
    if (names?.includes(name) === false) return false;
    if (value[name] !== undefined && !isMember(value[name])) return false;
  }
  return true;
}

function isExporter(value: unknown): boolean {
  return isObject(value) && typeof value["send"] === "function" && typeof value["isConfigured"] === "function";
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isRatio(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value <= 1;
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && value >= 0;
}

function isLimit(value: unknown): boolean {
  return isCount(value) && (value === Infinity || Number.isInteger(value));
}

function isAttributeValue(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isPrimitive) : isPrimitive(value);
}

function isPrimitive(value: unknown): boolean {
  return ["string", "number", "boolean", "bigint"].includes(typeof value);
}

/** `dir/mod:fn`, `mod:*`, `dir/*`, `mod` (a default export) or `*`. */
function isPattern(value: unknown): value is string {
  return typeof value === "string" && /^(\*|[\w$./-]+(:[\w$]+|:\*|\/\*)?)$/.test(value);
}

/** As {@link isPattern}, or an HTTP action: `POST /hooks/*`. */
function isSamplingKey(key: string): boolean {
  return isPattern(key) || /^[A-Z]+( \/\S*)?$/.test(key);
}
