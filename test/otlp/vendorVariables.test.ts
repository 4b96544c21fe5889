/** The variables of vendors as data are those that their presets read, of all presets that have a vendor. */
import { describe, expect, it } from "vitest";
import type { Exporter } from "../../src/core/ports.js";
import * as presets from "../../src/otlp/presets.js";
import { vendorDefaults } from "../../src/otlp/vendorDefaults.js";
import { VENDOR_NAMES, VENDOR_VARIABLES } from "../../src/otlp/vendorVariables.js";

/** Presets that take no keys: any backend, and one's own machine. */
const WITHOUT_VENDOR = ["otlp", "jaeger", "collector"];

const made: Readonly<Record<string, () => Exporter>> = presets;

/** A value that each of them takes for one. */
const VALUES: Readonly<Record<string, string>> = {
  BETTER_STACK_INGESTING_URL: "https://in.test",
  GRAFANA_CLOUD_ZONE: "prod-eu-west-2",
  SENTRY_DSN: "https://key@sentry.test/1",
};

function valuesOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, VALUES[name] ?? "value"]));
}

it("there is no other vendor", () => {
  expect([...VENDOR_NAMES, ...WITHOUT_VENDOR].sort()).toEqual(Object.keys(presets).sort());
});

describe.each(VENDOR_NAMES)("%s", (vendor) => {
  const { required, optional } = VENDOR_VARIABLES[vendor];
  const exporter = made[vendor]?.() ?? expect.fail();

  it("reads these, and none else but OpenTelemetry's", () => {
    const reads = new Set<string>();
    const env = (name: string) => {
      reads.add(name);
      return valuesOf(required)[name];
    };
    exporter.isConfigured(env);
    vendorDefaults(vendor, env);
    expect([...reads].filter((name) => !name.startsWith("OTEL_")).sort()).toEqual([...required, ...optional].sort());
  });

  it("is configured with the required ones, and without any of them it is not", () => {
    const isConfigured = (names: readonly string[]) => exporter.isConfigured((name) => valuesOf(names)[name]);
    expect(isConfigured(required)).toBe(true);
    for (const left of required) expect(isConfigured(required.filter((name) => name !== left))).toBe(false);
  });

  it("has an address and a key then", () => {
    const { url, headers = {} } = vendorDefaults(vendor, (name) => valuesOf(required)[name]);
    expect(url).toMatch(/^https:\/\//);
    expect(Object.values(headers).filter((value) => value !== undefined)).not.toEqual([]);
  });
});
