/** The sampling rules of this library, for a provider of somebody else. */
import { type Context, isSpanContextValid, trace } from "@opentelemetry/api";
import type { Sampler, SamplingResult } from "@opentelemetry/sdk-trace-base";
import { FLAG_SAMPLED } from "../core/recorder.js";
import { keepsTrace, type SamplingRules } from "../core/sampler.js";
import { samplingPolicy } from "../core/samplingPolicy.js";
import type { Attributes } from "../core/types.js";
import { checkNodeOptions } from "./checkOptions.js";
import { processEnv } from "./processEnv.js";
import { samplingName } from "./samplingName.js";

/** `SamplingDecision` of the SDK, of which only types are imported: it need not be installed. */
const NOT_RECORD = 0;
const RECORD_AND_SAMPLED = 2;

/** Options of {@link sampler}. */
export interface SamplerOptions {
  /** As of `registerNode`. Default: `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`, else everything is kept. */
  readonly sampling?: number | SamplingRules;
}

/**
 * A sampler that decides as Convex functions do, for a NodeSDK of your own: on the low 56 bits of the trace id where a trace
 * starts or comes in, whatever the caller's flag says; spans below one of the same process follow it. The cut of a trace whose
 * caller did not sample, and pass-through of what is not recorded, only `registerNode` can do.
 *
 * @throws TypeError for options that cannot work
 *
 * @example
 * ```ts
 * import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
 * import { sampler, spanProcessor } from "convex-otel/node";
 * import { jaeger } from "convex-otel/otlp";
 *
 * export const provider = new BasicTracerProvider({
 *   sampler: sampler({ sampling: { "GET /health": 0, "*": 0.1 } }),
 *   spanProcessors: [spanProcessor({ exporter: jaeger() })],
 * });
 * ```
 */
export function sampler(options: SamplerOptions = {}): Sampler {
  checkNodeOptions("sampler", options, ["sampling"]);
  const policy = samplingPolicy(options.sampling, processEnv);
  const keeps = (context: Context, traceId: string, name: string, attributes: Attributes): boolean => {
    const parent = trace.getSpanContext(context);
    const isLocal = parent !== undefined && isSpanContextValid(parent) && parent.isRemote !== true;
    if (isLocal) return (parent.traceFlags & FLAG_SAMPLED) !== 0;
    return keepsTrace(traceId, policy.ratio(samplingName(name, attributes)));
  };
  return {
    shouldSample(context, traceId, name, _kind, attributes) {
      const kept = keeps(context, traceId, name, attributes);
      const result: object = { decision: kept ? RECORD_AND_SAMPLED : NOT_RECORD };
      return result as SamplingResult;
    },
    toString: () => "ConvexOtelSampler",
  };
}
