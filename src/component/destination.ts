/**
 * Where the component sends to, by the variables that are bound to it: an endpoint, or the keys of one vendor. Standard variables win
 * over what the vendor's preset brings along, as everywhere; an endpoint without a vendor's key is any OTLP backend.
 */
import { readEnv } from "../otlp/envReader.js";
import { VENDOR_NAMES, VENDOR_VARIABLES, type VendorName } from "../otlp/vendorVariables.js";
import { componentEnv } from "./settings.js";

const BIND = "in app.use(otel, { env })";

/**
 * Why nothing can be sent, and what to do about it; undefined if something can. Names variables, never values, and looks only whether they
 * are there: whether an address is one is found out when something is sent.
 */
export function destinationProblem(): string | undefined {
  // First, and alone: callers ask this, and each variable that they read is one more thing that they depend on.
  if (isBound("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") || isBound("OTEL_EXPORTER_OTLP_ENDPOINT")) return undefined;
  const vendors = boundVendors();
  if (vendors.length === 1) return undefined;
  return vendors.length === 0 ? nowhere() : tooMany(vendors);
}

/** The vendors of which all that is needed is bound. */
export function boundVendors(): VendorName[] {
  return VENDOR_NAMES.filter((name) => VENDOR_VARIABLES[name].required.every(isBound));
}

function nowhere(): string {
  const begun = VENDOR_NAMES.find((name) => missing(name).length < VENDOR_VARIABLES[name].required.length);
  return begun === undefined
    ? `no endpoint: bind OTEL_EXPORTER_OTLP_ENDPOINT, or the key of your vendor, such as HONEYCOMB_API_KEY, ${BIND}`
    : `no endpoint: ${begun} also takes ${missing(begun).join(" and ")}; bind that, or OTEL_EXPORTER_OTLP_ENDPOINT, ${BIND}`;
}

function tooMany(vendors: readonly VendorName[]): string {
  const keys = vendors.flatMap((name) => VENDOR_VARIABLES[name].required);
  return `keys of ${vendors.length} vendors are bound (${keys.join(", ")}): bind those of one, or OTEL_EXPORTER_OTLP_ENDPOINT as well, ${BIND}`;
}

function missing(name: VendorName): string[] {
  return VENDOR_VARIABLES[name].required.filter((variable) => !isBound(variable));
}

function isBound(variable: string): boolean {
  return readEnv(componentEnv, variable) !== undefined;
}
