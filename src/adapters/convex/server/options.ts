/** The options of `instrumentConvex`: as users write them, and with the defaults filled in when a call is traced. */
import type { FunctionReference } from "convex/server";
import type { Redact } from "../../../core/attributes.js";
import type { SpanLimits } from "../../../core/limits.js";
import type { AiContent, Diagnostics, Exporter } from "../../../core/ports.js";
import type { SamplingRules } from "../../../core/sampler.js";
import type { Attributes, SpanRecord } from "../../../core/types.js";

/** What happens to trace context that arrives from outside, at public functions and HTTP actions. */
export type PublicContextPolicy = "continue" | "link" | "ignore";

/** Which unsampled calls are exported all the same, when they have ended. */
export type KeepUnsampled = "never" | "errors" | ((spans: readonly SpanRecord[]) => boolean);

/** The part of the component that is called: `components.otel` has it. */
export interface OutboxComponent {
  readonly enqueue: { readonly enqueue: FunctionReference<"mutation", "internal", { text: string }, boolean> };
}

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
  /**
   * The installed component, `components.otel`: calls hand their spans to it, a mutation in its own transaction, and it sends
   * those of many calls in one request, at least once. Where it is not installed or has no endpoint, spans leave as they do
   * without it. An `exporter` is needed all the same: it says whether anything is recorded, and is the way out then.
   *
   * @defaultValue none: every call sends or schedules for itself
   */
  readonly outbox?: OutboxComponent | undefined;
  /** Where this library reports about itself. @defaultValue `console.warn` and `console.error` and `console.error` */
  readonly diagnostics?: Diagnostics;
}

/** Options as the adapter uses them. */
export interface InstrumentConfig {
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
