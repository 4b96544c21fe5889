/** The options of `instrumentConvex`: as users write them, and with the defaults filled in when a call is traced. */
import type { FunctionReference } from "convex/server";
import {
  DEFAULT_MAX_AGE_MS,
  DEFAULT_MAX_HOPS,
  type KeepUnsampled,
  type TracingOptions,
} from "../../../core/options.js";
import type { TraceRules } from "../../../core/plan.js";
import type { AiContent, Diagnostics, Exporter } from "../../../core/ports.js";

/** The part of the component that is called: `components.otel` has it. */
export interface OutboxComponent {
  readonly enqueue: {
    readonly enqueue: FunctionReference<"mutation", "internal", { more?: boolean; text: string }, boolean>;
  };
}

/** Options of {@link instrumentConvex}. Every one is optional. */
export interface InstrumentConvexOptions extends TracingOptions {
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
   * Whether calls that were not sampled are recorded in memory and exported if they failed (`"errors"`) or if your
   * function says so. Their spans carry `convex.trace.partial`.
   *
   * @defaultValue `"never"`
   */
  readonly keepUnsampled?: KeepUnsampled;
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
  /**
   * The installed component, `components.otel`: calls hand their spans to it, a mutation in its own transaction, and it sends
   * those of many calls in one request, at least once. Where it is not installed or has no endpoint, spans leave as they do
   * without it. An `exporter` is needed all the same: it says whether anything is recorded, and is the way out then.
   *
   * @defaultValue none: every call sends or schedules for itself
   */
  readonly outbox?: OutboxComponent | undefined;
}

/** Options as the adapter uses them. */
export interface InstrumentConfig extends TraceRules {
  readonly options: InstrumentConvexOptions;
  readonly uninstrumented: readonly string[];
  readonly deliverPath: string;
  readonly report: Diagnostics;
}

/** Fills in the defaults of options that have been checked. */
export function resolveOptions(options: InstrumentConvexOptions): InstrumentConfig {
  const diagnostics = options.diagnostics ?? printDiagnostic;
  return {
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

function printDiagnostic({ level, code, message }: Parameters<Diagnostics>[0]): void {
  console[level](`[convex-otel] ${code}: ${message}`);
}
