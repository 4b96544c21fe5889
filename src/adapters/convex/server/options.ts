/** The options of `instrumentConvex`: as users write them, and the one function that checks them. */
import type { Redact } from "../../../core/attributes.js";
import type { SpanLimits } from "../../../core/limits.js";
import type { AiContent, Diagnostics, Exporter } from "../../../core/ports.js";
import type { SamplingRules } from "../../../core/sampler.js";
import type { Attributes, SpanRecord } from "../../../core/types.js";
import type { ConvexReferences } from "./convexReferences.js";

/** What happens to trace context that arrives from outside, at public functions and HTTP actions. */
export type PublicContextPolicy = "continue" | "link" | "ignore";

/** Which unsampled calls are exported all the same, when they have ended. */
export type KeepUnsampled = "never" | "errors" | ((spans: readonly SpanRecord[]) => boolean);

/** Options of {@link instrumentConvex}. Every one is optional. */
export interface InstrumentConvexOptions {
  /**
   * The `service.*` resource attributes. `name` defaults to `OTEL_SERVICE_NAME`, then to `unknown_service:convex`.
   */
  readonly service?: { readonly name?: string; readonly version?: string; readonly namespace?: string };
  /** More resource attributes; they win over `OTEL_RESOURCE_ATTRIBUTES`. */
  readonly resource?: Attributes;
  /**
   * Where spans go: `otlp()`, `jaeger()`, `honeycomb()` and others of `convex-otel/otlp`. While it is absent or has no
   * endpoint or key, nothing is recorded, scheduled or written, and nothing from outside is passed on.
   */
  readonly exporter?: Exporter;
  /**
   * Functions that are not built with these builders, as `"dir/mod:fn"`, `"mod:*"`, `"dir/*"` or `"*"`. They are never
   * given a carrier: Convex rejects arguments that a function does not declare.
   *
   * @defaultValue none
   */
  readonly uninstrumented?: readonly string[];
  /**
   * The share of traces to keep, 0 to 1, for all functions or by function: `{ "presence:*": 0, "*": 0.1 }`. The longest
   * matching pattern applies. A function with 0 is never recorded, also within a sampled trace. Default: the variables
   * `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`, else 1.
   */
  readonly sampling?: number | SamplingRules;
  /**
   * Whether calls that were not sampled are recorded in memory and exported if they failed (`"errors"`) or if your
   * function says so. Their spans carry `convex.trace.partial`.
   *
   * @defaultValue `"never"`
   */
  readonly keepUnsampled?: KeepUnsampled;
  /**
   * Trace context from clients and HTTP requests: continue the caller's trace, start a new one with a link to it, or
   * ignore it. The caller's sampling decision is never followed.
   *
   * @defaultValue `"continue"`
   */
  readonly publicContext?: PublicContextPolicy;
  /**
   * When a chain of scheduled functions becomes a new trace, linked to the one before: after so many hops, or so long
   * after the root started.
   *
   * @defaultValue `{ maxHops: 32, maxAgeMs: 3_600_000 }`
   */
  readonly traceBound?: { readonly maxHops?: number; readonly maxAgeMs?: number };
  /** Limits of recording. They win over the `OTEL_SPAN_*` variables. */
  readonly limits?: Partial<SpanLimits>;
  /** Sees every attribute before it is stored. */
  readonly redact?: Redact;
  /**
   * Whether libraries that trace model calls in actions, such as the AI SDK, may record their content: prompts, answers,
   * arguments and results of tools. Default: the variable `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`, else `"omit"`.
   */
  readonly aiContent?: AiContent;
  /**
   * The path of the exported `deliver` function.
   *
   * @defaultValue `"otel:deliver"`: exported by `convex/otel.ts`
   */
  readonly deliver?: string;
  /** Where this library reports about itself. @defaultValue `console.warn` and `console.error` and `console.error` */
  readonly diagnostics?: Diagnostics;
}

/** Options as the adapter uses them. */
export interface InstrumentConfig {
  readonly references: ConvexReferences;
  readonly options: InstrumentConvexOptions;
  readonly uninstrumented: readonly string[];
  readonly publicContext: PublicContextPolicy;
  readonly keepUnsampled: KeepUnsampled;
  readonly maxHops: number;
  readonly maxAgeMs: number;
  readonly deliverPath: string;
  readonly report: Diagnostics;
}

/** Hops and age of one trace: what a trace view still shows well, and the longest that tail samplers wait for. */
const DEFAULT_MAX_HOPS = 32;
const DEFAULT_MAX_AGE_MS = 3_600_000;

/**
 * Checks the options and fills in the defaults.
 *
 * @throws TypeError naming the option, what was given and what is allowed.
 */
export function normalizeOptions(options: InstrumentConvexOptions, references: ConvexReferences): InstrumentConfig {
  for (const name of Object.keys(checked("options", options, isObject, "an object") as object)) {
    if (!Object.hasOwn(CHECKS, name)) fail(`unknown option "${name}"`, name, Object.keys(CHECKS).join(", "));
  }
  for (const [name, [isAllowed, allowed]] of Object.entries(CHECKS)) {
    const given = options[name as keyof InstrumentConvexOptions];
    if (given !== undefined) checked(name, given, isAllowed, allowed);
  }
  const diagnostics = options.diagnostics ?? printDiagnostic;
  return {
    references,
    options,
    uninstrumented: options.uninstrumented ?? [],
    publicContext: options.publicContext ?? "continue",
    keepUnsampled: options.keepUnsampled ?? "never",
    maxHops: options.traceBound?.maxHops ?? DEFAULT_MAX_HOPS,
    maxAgeMs: options.traceBound?.maxAgeMs ?? DEFAULT_MAX_AGE_MS,
    deliverPath: options.deliver ?? "otel:deliver",
    report: (diagnostic) => {
      try {
        diagnostics(diagnostic);
      } catch {
        // Reporting must not become a failure of its own.
      }
    },
  };
}

type Check = readonly [isAllowed: (value: unknown) => boolean, allowed: string];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isFunction = (value: unknown): boolean => typeof value === "function";
const isRatio = (value: unknown): boolean => typeof value === "number" && value >= 0 && value <= 1;
const isCount = (value: unknown): boolean => typeof value === "number" && value >= 0 && !Number.isNaN(value);
const isLimit = (value: unknown): boolean => isCount(value) && (value === Infinity || Number.isInteger(value));
const isAttributeValue = (value: unknown): boolean =>
  ["string", "number", "boolean", "bigint"].includes(typeof value) ||
  (Array.isArray(value) && value.every((item) => !Array.isArray(item) && isAttributeValue(item)));
const isOneOf =
  (...names: readonly unknown[]) =>
  (value: unknown) =>
    names.includes(value);
const isRecordOf = (isAllowed: (value: unknown) => boolean, names?: readonly string[]) => (value: unknown) =>
  isObject(value) &&
  Object.entries(value).every(
    ([name, item]) => (names?.includes(name) ?? true) && (item === undefined || isAllowed(item)),
  );
/** `dir/mod:fn`, `mod:*`, `dir/*`, `mod` (a default export) or `*`. */
const isPattern = (value: unknown): boolean =>
  typeof value === "string" && /^(\*|[\w$./-]+(:[\w$]+|:\*|\/\*)?)$/.test(value);
/** As {@link isPattern}, or an HTTP action: `POST /hooks/*`. */
const isSamplingKey = (key: string): boolean => isPattern(key) || /^[A-Z]+( \/\S*)?$/.test(key);
const isText = (value: unknown): boolean => typeof value === "string" && value !== "";

const LIMIT_NAMES: readonly (keyof SpanLimits)[] = [
  "attributeCount",
  "attributeValueLength",
  "eventCount",
  "linkCount",
  "attributePerEventCount",
  "attributePerLinkCount",
  "spanCount",
];

const CHECKS: Readonly<Record<keyof InstrumentConvexOptions, Check>> = {
  service: [
    isRecordOf(isText, ["name", "version", "namespace"]),
    "{ name?, version?, namespace? }, each a non-empty string",
  ],
  resource: [isRecordOf(isAttributeValue), "an object of attributes: strings, numbers, booleans, or arrays of them"],
  exporter: [
    (value) => isObject(value) && isFunction(value["send"]) && isFunction(value["isConfigured"]),
    'an exporter made by a function of "convex-otel/otlp", such as otlp() or honeycomb()',
  ],
  uninstrumented: [
    (value) => Array.isArray(value) && value.every(isPattern),
    'an array of function paths such as "dir/mod:fn", "mod:*", "dir/*" or "*"',
  ],
  sampling: [
    (value) => isRatio(value) || (isRecordOf(isRatio)(value) && Object.keys(value as object).every(isSamplingKey)),
    'a number from 0 to 1, or such numbers by function path: { "presence:*": 0, "*": 1 }',
  ],
  keepUnsampled: [(value) => isOneOf("never", "errors")(value) || isFunction(value), '"never", "errors" or a function'],
  publicContext: [isOneOf("continue", "link", "ignore"), '"continue", "link" or "ignore"'],
  traceBound: [isRecordOf(isCount, ["maxHops", "maxAgeMs"]), "{ maxHops?, maxAgeMs? }, numbers not below 0"],
  limits: [isRecordOf(isLimit, LIMIT_NAMES), `whole numbers not below 0 for ${LIMIT_NAMES.join(", ")}`],
  redact: [isFunction, "a function (name, value) => value or undefined"],
  aiContent: [isOneOf("omit", "record"), '"omit" or "record"'],
  deliver: [
    (value) => isPattern(value) && /:\w/.test(String(value)),
    'the path of the exported deliver function, such as "otel:deliver"',
  ],
  diagnostics: [isFunction, "a function (diagnostic) => void"],
};

function checked(name: string, given: unknown, isAllowed: (value: unknown) => boolean, allowed: string): unknown {
  if (!isAllowed(given)) fail(`option "${name}"`, given, allowed);
  return given;
}

function fail(what: string, given: unknown, allowed: string): never {
  throw new TypeError(`instrumentConvex: ${what}: got ${show(given)}; allowed: ${allowed}.`);
}

/** What was given, without what may be secret: of objects, which hold headers and keys, only the names. */
function show(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `[${value.slice(0, 5).map(show).join(", ")}]`;
  if (isObject(value)) return `{ ${Object.keys(value).join(", ")} }`;
  return typeof value === "string" ? JSON.stringify(value.slice(0, 80)) : String(value);
}

function printDiagnostic({ level, code, message }: Parameters<Diagnostics>[0]): void {
  console[level](`[convex-otel] ${code}: ${message}`);
}
