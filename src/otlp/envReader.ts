/**
 * Reading single variables the way OpenTelemetry defines it: an empty value counts as unset, a signal-specific name
 * goes before the general one, and a bad value is reported and ignored rather than thrown
 * (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
 */
import type { Diagnostics, Env } from "../core/ports.js";

/** @internal The trimmed value of a variable, or undefined if it is unset, empty or cannot be read. */
export function readEnv(env: Env, name: string): string | undefined {
  try {
    const text = env(name)?.trim();
    return text === "" ? undefined : text;
  } catch {
    // Convex throws for names that are not bound in a component.
    return undefined;
  }
}

/** @internal Says that a variable is ignored. Never repeats its value, which may be a key in the wrong place. */
export function reportInvalid(report: Diagnostics, name: string, allowed: string): void {
  report({
    level: "warn",
    code: "env.invalid",
    message: `${name} is ignored: it must be ${allowed}. Correct or remove it.`,
  });
}

/** @internal The first of `names` whose value `parse` accepts. Values it refuses are reported and skipped. */
export function firstValid<T>(
  env: Env,
  names: readonly string[],
  allowed: string,
  parse: (text: string) => T | undefined,
  report: Diagnostics,
): { readonly name: string; readonly value: T } | undefined {
  for (const name of names) {
    const text = readEnv(env, name);
    if (text === undefined) continue;
    const value = parse(text);
    if (value !== undefined) return { name, value };
    reportInvalid(report, name, allowed);
  }
  return undefined;
}
