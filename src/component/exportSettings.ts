/** The settings that a batch is sent with. Apart from `destination`, since only a drain needs the presets. */
import type { Diagnostic } from "../core/ports.js";
import { isTrusted, resolveSettings, type ExportSettings, type PresetDefaults } from "../otlp/environment.js";
import { vendorDefaults } from "../otlp/vendorDefaults.js";
import { boundVendors, destinationProblem } from "./destination.js";
import type { Destination } from "./sendBatch.js";
import { componentEnv } from "./settings.js";

/** Settings in force now, or why there are none. */
export function exportSettings(): Destination | { readonly problem: string } {
  const problem = destinationProblem();
  if (problem !== undefined) return { problem };
  const reports: string[] = [];
  const report = ({ message }: Diagnostic) => reports.push(message);
  const vendors = boundVendors();
  const presets = vendors.map((name) => vendorDefaults(name, componentEnv));
  const { url, ...settings } = resolve(presets, report);
  if (url !== undefined) return { ...settings, url };
  return {
    problem: `no usable endpoint: ${reports[0] ?? `the address or the key of ${vendors.join(" or ")} is not valid`}`,
  };
}

/** With several vendors an endpoint is named as well: the one gets its key whose address that is, and no other does. */
function resolve(presets: readonly PresetDefaults[], report: (diagnostic: Diagnostic) => void): ExportSettings {
  if (presets.length < 2) return resolveSettings(componentEnv, presets[0] ?? {}, {}, report);
  const plain = resolveSettings(componentEnv, {}, {}, report);
  const { url } = plain;
  const own = url === undefined ? undefined : presets.find((preset) => isTrusted(url, preset));
  return own === undefined ? plain : resolveSettings(componentEnv, own, {}, report);
}
