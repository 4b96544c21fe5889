/** Which source files are evaluated when. Whatever is not named here is part of the runtime. */
import { source } from "./sources.js";

const server = (name: string) => source(`adapters/convex/server/${name}.ts`);

/** Constants only. Each part has those that it uses. */
const CONSTANTS = ["propagation/carrierField", "semconv/attributes", "semconv/version"].map((name) =>
  source(`${name}.ts`),
);

/** Evaluated whenever a module imports the library: as little as can be. */
export const EAGER: readonly string[] = [
  ...CONSTANTS,
  source("index.ts"),
  ...["carrierValidator", "checkOptions", "index", "instrumentConvex", "mark", "optionNames"].map(server),
];

/** Evaluated when a function runs, in a query only if it uses `withSpan` and the like. */
export const ENTRY: readonly string[] = [
  ...["core/api", "core/context", "core/nonRecordingSpan", "core/otelGlobal"].map((name) => source(`${name}.ts`)),
  ...["carrierArgs", "enterCall", "httpRegistration", "platform", "wayOut"].map(server),
];

/** Of `convex-otel/otlp`, evaluated when an exporter is asked something, or options are given to it. */
export const EXPORTER_CALLS: readonly string[] = [source("otlp/exporterCalls.ts"), source("otlp/exporterOptions.ts")];

/** A file that is loaded with `import()`. */
export interface LoadedLater {
  readonly entry: string;
  /** The source files in it; the functions of all others are those of the runtime, which is evaluated by then. */
  readonly isOwn: (file: string) => boolean;
}

export const LOADED_LATER: readonly LoadedLater[] = [
  {
    entry: server("httpAction"),
    isOwn: (file) =>
      [server("httpAction"), server("responseBody"), source("propagation/correlation.ts"), ...CONSTANTS].includes(file),
  },
  {
    entry: server("deliverAttempt"),
    isOwn: (file) => [server("deliverAttempt"), source("otlp/retry.ts"), ...CONSTANTS].includes(file),
  },
  // Exporters know nothing of the runtime.
  { entry: source("otlp/delivery.ts"), isOwn: () => true },
];

/** Functions that run whenever a module is evaluated. */
export const RUN_AT_LOAD: ReadonlyMap<string, readonly string[]> = new Map([
  [server("instrumentConvex"), ["instrumentConvex", "tracedBuilder", "deliverFunction"]],
  [
    server("checkOptions"),
    ["checkOptions", "checkServer", "hasBuilder", "isAllowed", "isObject", "isRecordOf", "isText", "isExporter"],
  ],
  [server("mark"), ["markInstrumented"]],
  [source("otlp/exporter.ts"), ["createExporter"]],
  [source("otlp/presets/otlp.ts"), ["otlp"]],
]);
