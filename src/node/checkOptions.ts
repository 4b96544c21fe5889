/** The check of what a server's set-up is given: types show most of it, but plain JavaScript has none. */
import type { RegisterNodeOptions } from "./options.js";

/** What an option may be. */
interface Rule {
  readonly allowed: string;
  readonly holds: (given: unknown) => boolean;
}

const COUNTS = ["delayMs", "maxSpans", "maxQueue", "timeoutMs", "concurrency"];
const LIMITS = [
  "attributeCount",
  "attributeValueLength",
  "eventCount",
  "linkCount",
  "attributePerEventCount",
  "attributePerLinkCount",
  "spanCount",
];
const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR2"];

const RULES: { readonly [Name in keyof Required<RegisterNodeOptions>]: Rule } = {
  service: {
    allowed: "{ name?, version?, namespace? }, each a non-empty string",
    holds: (given) => isRecordOf(given, (part) => isText(part), ["name", "version", "namespace"]),
  },
  resource: {
    allowed: "an object of attributes: strings, numbers, booleans, or arrays of them",
    holds: (given) => isRecordOf(given, isAttributeValue),
  },
  exporter: {
    allowed: 'an exporter made by a function of "convex-otel/otlp", or a SpanExporter of the OpenTelemetry SDK',
    holds: (given) => has(given, "send", "isConfigured") || has(given, "export", "shutdown"),
  },
  sampling: {
    allowed: 'a number from 0 to 1, or such numbers by route or span name: { "GET /health": 0, "*": 0.1 }',
    holds: (given) => isRatio(given) || isRecordOf(given, isRatio),
  },
  publicContext: oneOf("continue", "link", "ignore"),
  traceBound: {
    allowed: "{ maxHops?, maxAgeMs? }, numbers not below 0",
    holds: (given) => isRecordOf(given, isNotNegative, ["maxHops", "maxAgeMs"]),
  },
  limits: {
    allowed: `whole numbers not below 0 for ${LIMITS.join(", ")}`,
    holds: (given) => isRecordOf(given, isLimit, LIMITS),
  },
  redact: { allowed: "a function (name, value) => value or undefined", holds: isFunction },
  diagnostics: { allowed: "a function (diagnostic) => void", holds: isFunction },
  batch: {
    allowed: `whole numbers above 0 for ${COUNTS.join(", ")}`,
    holds: (given) => isRecordOf(given, isPositiveInteger, COUNTS),
  },
  exitSignals: {
    allowed: `an array of ${SIGNALS.join(", ")}`,
    holds: (given) => Array.isArray(given) && given.every((signal) => SIGNALS.includes(signal as string)),
  },
  exitTimeoutMs: { allowed: "a number of milliseconds not below 0", holds: isNotNegative },
};

/** Options by name. */
type OptionName = keyof typeof RULES;

/**
 * @internal
 * @throws TypeError naming the function, the option, what was given and what is allowed
 */
export function checkNodeOptions(
  where: string,
  options: unknown,
  names: readonly OptionName[] = Object.keys(RULES) as OptionName[],
): void {
  if (!isObject(options)) throw new TypeError(`${where}: option "options": got ${show(options)}; allowed: an object.`);
  for (const [name, given] of Object.entries(options)) {
    const known = names.find((candidate) => candidate === name);
    if (known === undefined) {
      throw new TypeError(`${where}: unknown option ${JSON.stringify(name)}; allowed: ${names.join(", ")}.`);
    }
    const { allowed, holds } = RULES[known];
    if (given === undefined || holds(given)) continue;
    throw new TypeError(`${where}: option "${name}": got ${show(given)}; allowed: ${allowed}.`);
  }
}

function oneOf(...values: readonly string[]): Rule {
  return {
    allowed: values.map((value) => `"${value}"`).join(", "),
    holds: (given) => values.includes(given as string),
  };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether all members are allowed, and have one of the names, if any are given. */
function isRecordOf(value: unknown, isMember: (member: unknown) => boolean, names?: readonly string[]): boolean {
  if (!isObject(value)) return false;
  return Object.entries(value).every(
    ([name, member]) => names?.includes(name) !== false && (member === undefined || isMember(member)),
  );
}

function has(value: unknown, ...methods: readonly string[]): boolean {
  return isObject(value) && methods.every((method) => isFunction(Reflect.get(value, method)));
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isNotNegative(value: unknown): boolean {
  return typeof value === "number" && value >= 0;
}

function isRatio(value: unknown): boolean {
  return isNotNegative(value) && (value as number) <= 1;
}

function isLimit(value: unknown): boolean {
  return isNotNegative(value) && (value === Infinity || Number.isInteger(value));
}

function isPositiveInteger(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0;
}

function isAttributeValue(value: unknown): boolean {
  const isPrimitive = (item: unknown) => ["string", "number", "boolean", "bigint"].includes(typeof item);
  return Array.isArray(value) ? value.every(isPrimitive) : isPrimitive(value);
}

/** What was given, without what may be secret: of objects, which hold headers and keys, only the names. */
function show(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `[${value.slice(0, 5).map(show).join(", ")}]`;
  if (isObject(value)) return `{ ${Object.keys(value).join(", ")} }`;
  return typeof value === "string" ? JSON.stringify(value.slice(0, 80)) : String(value);
}
