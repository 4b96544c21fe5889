/**
 * The exporter behind every preset. It is created where an app is set up, which in Convex means on every call: so
 * creating one checks its options and nothing else. Keys and `OTEL_*` variables are read when something is sent, and
 * whatever sending needs is loaded then.
 */
import type { Diagnostic, Env, Exporter, ExportResult, SendOptions } from "../core/ports.js";
import type { ExporterParts } from "./delivery.js";
import { readEnv } from "./envReader.js";
import { checkOptions, type ExporterOptions } from "./exporterOptions.js";
import { hasRequired, readCredentials, type CredentialValues, type PresetDefinition } from "./presetDefinition.js";
import { countSpans } from "./split.js";
import type { Fetch } from "./transport.js";

/** What tests put in place of the network and the clock. */
export interface ExporterSeams {
  readonly fetch?: Fetch;
  /** Milliseconds since the Unix epoch. */
  readonly now?: () => number;
}

/**
 * Makes an exporter from a preset and what the code says.
 *
 * @throws TypeError for an unknown option or a value that cannot work, naming the option and what is allowed
 */
export function createExporter<Name extends string>(
  definition: PresetDefinition<Name>,
  options: ExporterOptions & CredentialValues<NoInfer<Name>>,
  seams: ExporterSeams = {},
): Exporter {
  checkOptions(definition, options);
  const parts = { definition, options, ...seams };
  return {
    name: definition.name,
    isConfigured: (env) => isConfigured(parts, env),
    send: async (texts, sendOptions) => {
      const warnings: string[] = [];
      const result = await trySend(parts, texts, sendOptions, ({ message }) => warnings.push(message));
      return withWarnings(result, warnings);
    },
  };
}

function isConfigured<Name extends string>({ definition, options }: ExporterParts<Name>, env: Env): boolean {
  // `OTEL_TRACES_EXPORTER=none` is the standard way to say "no traces" without touching the code.
  if (readEnv(env, "OTEL_TRACES_EXPORTER")?.toLowerCase() === "none") return false;
  if (readEnv(env, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") !== undefined) return true;
  if (readEnv(env, "OTEL_EXPORTER_OTLP_ENDPOINT") !== undefined) return true;
  const values = readCredentials(definition, options, env);
  if (!hasRequired(definition, values)) return false;
  return options.endpoint !== undefined || definition.url?.(values) !== undefined;
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
