/** Which source files are evaluated when. */
import { source } from "./sources.js";

const server = (name: string) => source(`adapters/convex/server/${name}.ts`);
const files = (folder: string, ...names: string[]) => names.map((name) => source(`${folder}/${name}.ts`));

/** Constants only. Each part has those that it uses. */
const CONSTANTS = [
  ...files("propagation", "carrierField"),
  ...files("semconv", "attributes", "version"),
  ...["optionNames", "mark"].map(server),
];

/** Evaluated whenever a module imports the library: as little as can be. */
const EAGER = [source("index.ts"), ...["carrierValidator", "checkOptions", "index", "instrumentConvex"].map(server)];

/**
 * Evaluated when something of it is first used. A part can share anything with those before it, and calls functions of
 * those after it.
 *
 * - `entry`: what a mutation or action needs until it is known to be traced
 * - `api`: `withSpan` and the like, also in a query
 * - `runtime`: what every traced call needs
 * - `carrier`: for calls that come with trace context, or hand it on
 * - `database`, `rare`: as their names say
 * - `headers`: only for who uses it; HTTP actions have their own
 */
const LAZY = {
  entry: ["carrierArgs", "enterCall", "httpRegistration", "surroundings", "wayOut"].map(server),
  api: files("core", "api", "callSpan", "context", "isPromise", "nonRecordingSpan", "otelGlobal"),
  runtime: undefined,
  carrier: [
    ...files(
      "propagation",
      "baggage",
      "carrier",
      "lineage",
      "ownMember",
      "percentEncoding",
      "traceparent",
      "tracestate",
    ),
  ],
  database: ["dbSpans", "queryShape", "traceDb", "tracedDb", "tracedQuery"].map(server),
  rare: [
    ...files("core", "errors", "errorRules"),
    ...files("otlp", "fitSpans", "keyValueList", "shrinkSpan"),
    ...["crons", "httpRouter", "optionErrors"].map(server),
  ],
  headers: [
    ...files("core", "activeCall", "layeredContext", "otelContext"),
    ...files("propagation", "active", "headers", "otelBaggage"),
  ],
} as const satisfies Readonly<Record<string, readonly string[] | undefined>>;

/** A lazy part of tracing. */
export type Part = keyof typeof LAZY;

/** The parts in their order. */
export const PARTS = Object.keys(LAZY) as readonly Part[];

/** Where a file belongs; `anywhere` is what each part has a copy of. */
export function partOf(file: string): Part | "eager" | "anywhere" {
  if (CONSTANTS.includes(file)) return "anywhere";
  if (EAGER.includes(file)) return "eager";
  return PARTS.find((part) => LAZY[part]?.includes(file) === true) ?? "runtime";
}

/** Of `convex-otel/otlp`, evaluated when an exporter is asked something, or options are given to it. */
export const EXPORTER_CALLS: readonly string[] = files("otlp", "exporterCalls", "exporterOptions");

/** A file that is loaded with `import()`. */
export interface LoadedLater {
  readonly entry: string;
  /** The source files in it; the functions of all others are those of the runtime, which is evaluated by then. */
  readonly isOwn: (file: string) => boolean;
}

const ownFiles =
  (...own: readonly string[]) =>
  (file: string) =>
    own.includes(file) || CONSTANTS.includes(file);

export const LOADED_LATER: readonly LoadedLater[] = [
  {
    entry: server("httpAction"),
    isOwn: ownFiles(
      server("httpAction"),
      server("responseBody"),
      ...files("propagation", "correlation", "headers"),
      ...files("core", "httpSpan"),
    ),
  },
  { entry: server("deliverAttempt"), isOwn: ownFiles(server("deliverAttempt"), ...files("otlp", "retry")) },
  {
    entry: server("otelApi"),
    isOwn: ownFiles(
      ...["aiContent", "otelApi", "otelContexts", "otelPropagation", "otelSpan", "otelTracers"].map(server),
      ...files("core", "callSpan", "context", "nonRecordingSpan", "otelGlobal"),
    ),
  },
  // Exporters know nothing of the runtime.
  { entry: source("otlp/delivery.ts"), isOwn: () => true },
];

/** Functions that run whenever a module is evaluated. */
export const RUN_AT_LOAD: ReadonlyMap<string, readonly string[]> = new Map([
  [server("instrumentConvex"), ["instrumentConvex", "tracedBuilder", "deliverFunction"]],
  [
    server("checkOptions"),
    ["checkOptions", "checkServer", "hasBuilder", "isAllowed", "isExporter", "isObject", "isRecordOf", "isText"],
  ],
  [server("mark"), ["markInstrumented"]],
  [source("otlp/exporter.ts"), ["createExporter"]],
  [source("otlp/presets/otlp.ts"), ["otlp"]],
]);
