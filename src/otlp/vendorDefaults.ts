/** What the preset of a vendor brings along when nothing is said in code. */
import type { Env } from "../core/ports.js";
import type { PresetDefaults } from "./environment.js";
import { type PresetDefinition, readCredentials } from "./presetDefinition.js";
import { axiomPreset } from "./presets/axiom.js";
import { betterstackPreset } from "./presets/betterstack.js";
import { dash0Preset } from "./presets/dash0.js";
import { datadogPreset } from "./presets/datadog.js";
import { grafanaPreset } from "./presets/grafana.js";
import { honeycombPreset } from "./presets/honeycomb.js";
import { langfusePreset } from "./presets/langfuse.js";
import { logfirePreset } from "./presets/logfire.js";
import { newrelicPreset } from "./presets/newrelic.js";
import { sentryPreset } from "./presets/sentry.js";
import type { VendorName } from "./vendorVariables.js";

/** @internal Address and headers of a vendor, made of its variables. */
export function vendorDefaults(vendor: VendorName, env: Env): PresetDefaults {
  return DEFAULTS[vendor](env);
}

const DEFAULTS: Readonly<Record<VendorName, (env: Env) => PresetDefaults>> = {
  axiom: (env) => defaultsOf(axiomPreset(), env),
  betterstack: (env) => defaultsOf(betterstackPreset(), env),
  dash0: (env) => defaultsOf(dash0Preset(), env),
  datadog: (env) => defaultsOf(datadogPreset(), env),
  grafana: (env) => defaultsOf(grafanaPreset(), env),
  honeycomb: (env) => defaultsOf(honeycombPreset(), env),
  langfuse: (env) => defaultsOf(langfusePreset(), env),
  logfire: (env) => defaultsOf(logfirePreset(), env),
  newrelic: (env) => defaultsOf(newrelicPreset(), env),
  sentry: (env) => defaultsOf(sentryPreset(), env),
};

function defaultsOf<Name extends string>(definition: PresetDefinition<Name>, env: Env): PresetDefaults {
  const values = readCredentials(definition, {}, env);
  return {
    url: definition.url?.(values),
    headers: definition.headers?.(values) ?? {},
    trustedUrls: definition.trustedUrls ?? [],
  };
}
