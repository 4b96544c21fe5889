/** The options that mean the same wherever traces are recorded: in Convex functions and on servers. */
import type { Redact } from "./attributes.js";
import type { SpanLimits } from "./limits.js";
import type { Diagnostics } from "./ports.js";
import type { SamplingRules } from "./sampler.js";
import type { Attributes, SpanRecord } from "./types.js";

/** What happens to trace context that arrives from outside, at public functions, HTTP actions and servers. */
export type PublicContextPolicy = "continue" | "link" | "ignore";

/** Which unsampled calls are exported all the same, when they have ended. */
export type KeepUnsampled = "never" | "errors" | ((spans: readonly SpanRecord[]) => boolean);

/** Options of every recorder. */
export interface TracingOptions {
  /**
   * The `service.*` resource attributes. `name` defaults to `OTEL_SERVICE_NAME`, then to `unknown_service:convex`, on
   * servers to `unknown_service:node`.
   */
  readonly service?: { readonly name?: string; readonly version?: string; readonly namespace?: string };
  /** More resource attributes; they win over `OTEL_RESOURCE_ATTRIBUTES`. */
  readonly resource?: Attributes;
  /**
   * The share of traces to keep, 0 to 1, for all functions or by function: `{ "presence:*": 0, "*": 0.1 }`, on servers by
   * route or span name: `{ "GET /health": 0 }`. The longest matching pattern applies. What has 0 is never recorded, also
   * within a sampled trace. Default: the variables `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`, else 1.
   */
  readonly sampling?: number | SamplingRules;
  /**
   * Trace context from clients and HTTP requests: continue the caller's trace, start a new one with a link to it, or
   * ignore it. The caller's sampling decision is never followed.
   *
   * @defaultValue `"continue"`
   */
  readonly publicContext?: PublicContextPolicy;
  /**
   * When a chain of scheduled functions and requests becomes a new trace, linked to the one before: after so many hops, or
   * so long after the root started.
   *
   * @defaultValue `{ maxHops: 32, maxAgeMs: 3_600_000 }`
   */
  readonly traceBound?: { readonly maxHops?: number; readonly maxAgeMs?: number };
  /** Limits of recording. They win over the `OTEL_SPAN_*` variables. */
  readonly limits?: Partial<SpanLimits>;
  /** Sees every attribute before it is stored. */
  readonly redact?: Redact;
  /** Where this library reports about itself. @defaultValue `console.warn` and `console.error` */
  readonly diagnostics?: Diagnostics;
}

/** Hops and age of one trace: what a trace view still shows well, and the longest that tail samplers wait for. */
export const DEFAULT_MAX_HOPS = 32;
export const DEFAULT_MAX_AGE_MS = 3_600_000;
