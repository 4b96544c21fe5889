/** The sampling option and the sampler variables, as one question: what share of the traces of a function or route is kept. */
import type { Diagnostics, Env } from "./ports.js";
import { type SamplingRules, ratioFor } from "./sampler.js";

/** The sampling in force. */
export interface SamplingPolicy {
  /** The share for a function or route, by its path. */
  ratio(name: string | undefined): number;
  /** True if functions differ, so that the path must be known to decide. */
  readonly dependsOnName: boolean;
}

/** Code wins over the environment; the default keeps everything. */
export function samplingPolicy(
  option: number | SamplingRules | undefined,
  env: Env,
  report: Diagnostics = () => {},
): SamplingPolicy {
  const setting = option ?? ratioFromEnv(env, report);
  if (typeof setting === "number") return { ratio: () => setting, dependsOnName: false };
  const ratios = new Set(Object.values(setting));
  if (!Object.hasOwn(setting, "*")) ratios.add(1);
  return { ratio: (name) => ratioFor(setting, name), dependsOnName: ratios.size > 1 };
}

/**
 * `OTEL_TRACES_SAMPLER`. Trusted callers are followed in any case (`parentbased_*`), so only the decision about roots
 * is read. An argument that is not a number from 0 to 1 is ignored, as the specification asks.
 */
function ratioFromEnv(env: Env, report: Diagnostics): number {
  const sampler = env("OTEL_TRACES_SAMPLER")?.toLowerCase().replace("parentbased_", "") ?? "always_on";
  if (sampler === "always_off") return 0;
  if (sampler === "always_on") return 1;
  if (sampler !== "traceidratio") {
    return ignored(
      report,
      "OTEL_TRACES_SAMPLER",
      "always_on, always_off or traceidratio, with or without parentbased_",
    );
  }
  const ratio = Number(env("OTEL_TRACES_SAMPLER_ARG") ?? 1);
  return ratio >= 0 && ratio <= 1 ? ratio : ignored(report, "OTEL_TRACES_SAMPLER_ARG", "a number from 0 to 1");
}

/** A setting that cannot be read keeps everything: losing traces would be the harder mistake to notice. */
function ignored(report: Diagnostics, name: string, allowed: string): number {
  report({ level: "warn", code: "env.invalid", message: `${name} is ignored; set it to ${allowed}, or remove it.` });
  return 1;
}
