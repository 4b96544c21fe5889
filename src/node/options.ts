/** The options of a server: as users write them, and with the defaults filled in. */
import type { SpanExporter } from "@opentelemetry/sdk-trace-base";
import type { AttributeRules } from "../core/attributes.js";
import { resolveLimits } from "../core/limits.js";
import { DEFAULT_MAX_AGE_MS, DEFAULT_MAX_HOPS, type TracingOptions } from "../core/options.js";
import type { TraceRules } from "../core/plan.js";
import type { Diagnostics, Env, Exporter } from "../core/ports.js";
import { type SamplingPolicy, samplingPolicy } from "../core/samplingPolicy.js";
import { type BatchOptions, batchSettings, type BatchSettings } from "./batchSettings.js";
import type { ExitSignal } from "./exitFlush.js";
import type { SpanRules } from "./nodeSpan.js";
import { printDiagnostic, safely } from "./report.js";
import { wallClock } from "./wallClock.js";

/** Options of {@link spanProcessor}. */
export interface SpanProcessorOptions extends Pick<TracingOptions, "limits" | "redact" | "diagnostics"> {
  /**
   * Where spans go: `otlp()`, `jaeger()`, `honeycomb()` and others of `convex-otel/otlp`; any `SpanExporter` of the
   * OpenTelemetry SDK; or an `Exporter` of your own. While it is absent or has no endpoint or key, nothing is recorded.
   */
  readonly exporter?: Exporter | SpanExporter;
  /** How spans wait, and leave. */
  readonly batch?: BatchOptions;
}

/** Options of {@link registerNode}. Every one is optional. */
export interface RegisterNodeOptions extends TracingOptions, SpanProcessorOptions {
  /**
   * Signals before which spans that wait are sent. The process then ends by the same signal, unless it has handlers of its own.
   *
   * @defaultValue `["SIGTERM", "SIGINT"]`; `[]` for none
   */
  readonly exitSignals?: readonly ExitSignal[];
  /**
   * How long the process waits for its last spans, in milliseconds.
   *
   * @defaultValue 5,000: half of the ten seconds that `docker stop` and Cloud Run leave a process, of the thirty that
   * Kubernetes does a sixth
   */
  readonly exitTimeoutMs?: number;
}

/** Half of Docker's default: https://docs.docker.com/reference/cli/docker/container/stop/ */
const DEFAULT_EXIT_TIMEOUT_MS = 5_000;

/** Options as they are used. */
export interface NodeConfig {
  readonly options: RegisterNodeOptions;
  readonly env: Env;
  readonly report: Diagnostics;
  readonly rules: SpanRules;
  readonly sampling: SamplingPolicy;
  readonly trace: TraceRules;
  readonly batch: BatchSettings;
  readonly exitSignals: readonly ExitSignal[];
  readonly exitTimeoutMs: number;
}

/** Fills in variables and defaults of options that have been checked. */
export function resolveNodeOptions(options: RegisterNodeOptions, env: Env): NodeConfig {
  const report = safely(options.diagnostics ?? printDiagnostic);
  const limits = resolveLimits(options.limits ?? {}, env, report);
  const attributes: AttributeRules = { valueLength: limits.attributeValueLength, redact: options.redact };
  return {
    options,
    env,
    report,
    rules: { limits, attributes, clock: wallClock() },
    sampling: samplingPolicy(options.sampling, env, report),
    trace: {
      publicContext: options.publicContext ?? "continue",
      // A server cannot hold back the spans of a trace until it knows how that ends: other processes have theirs.
      keepUnsampled: "never",
      maxHops: options.traceBound?.maxHops ?? DEFAULT_MAX_HOPS,
      maxAgeMs: options.traceBound?.maxAgeMs ?? DEFAULT_MAX_AGE_MS,
    },
    batch: batchSettings(options.batch ?? {}, env, report),
    exitSignals: options.exitSignals ?? ["SIGTERM", "SIGINT"],
    exitTimeoutMs: options.exitTimeoutMs ?? DEFAULT_EXIT_TIMEOUT_MS,
  };
}
