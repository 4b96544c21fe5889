/**
 * What an exporter does when it is asked: whether there is somewhere to send to, and sending. Apart from its making, which
 * every evaluation of a Convex module pays for.
 */
import type { Diagnostic, Env, ExportResult, SendOptions } from "../core/ports.js";
import type { ExporterParts } from "./exporterSettings.js";
import { readEnv } from "./envReader.js";
import { hasRequired, readCredentials } from "./presetDefinition.js";
import { countSpans } from "./split.js";

/** @internal Whether there is an endpoint, and every key it takes. */
export function isConfigured<Name extends string>({ definition, options }: ExporterParts<Name>, env: Env): boolean {
  // `OTEL_TRACES_EXPORTER=none` is the standard way to say "no traces" without touching the code.
  if (readEnv(env, "OTEL_TRACES_EXPORTER")?.toLowerCase() === "none") return false;
  if (readEnv(env, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") !== undefined) return true;
  if (readEnv(env, "OTEL_EXPORTER_OTLP_ENDPOINT") !== undefined) return true;
  const values = readCredentials(definition, options, env);
  if (!hasRequired(definition, values)) return false;
  return options.endpoint !== undefined || definition.url?.(values) !== undefined;
}

/** @internal Sends texts. Bad variables are named in the result. */
export async function send<Name extends string>(
  parts: ExporterParts<Name>,
  texts: readonly string[],
  options: SendOptions,
): Promise<ExportResult> {
  const warnings: string[] = [];
  const result = await trySend(parts, texts, options, ({ message }) => warnings.push(message));
  return withWarnings(result, warnings);
}

async function trySend<Name extends string>(
  parts: ExporterParts<Name>,
  texts: readonly string[],
  options: SendOptions,
  report: (diagnostic: Diagnostic) => void,
): Promise<ExportResult> {
  const { name } = parts.definition;
  try {
    if (!isConfigured(parts, options.env)) return notConfigured(name, texts);
    const { deliver } = await import("./delivery.js");
    return await deliver(parts, texts, options, report);
  } catch {
    // Convex rejects `import()` outside of actions. The texts are still good.
    return {
      outcome: "retry",
      texts,
      rejectedSpans: 0,
      message: `${name} could not be loaded here; send from an action`,
    };
  }
}

/** Happens to texts that waited while somebody removed the key. */
function notConfigured(name: string, texts: readonly string[]): ExportResult {
  const rejectedSpans = texts.reduce((sum, text) => sum + countSpans(text), 0);
  const message = `${name} is not configured any more; set its key or OTEL_EXPORTER_OTLP_ENDPOINT`;
  return { outcome: "rejected", rejectedSpans, message };
}

function withWarnings(result: ExportResult, warnings: readonly string[]): ExportResult {
  if (warnings.length === 0) return result;
  const message = [...warnings, ...(result.message === undefined ? [] : [result.message])].join(" ");
  return { ...result, message };
}
