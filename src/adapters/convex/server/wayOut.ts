/** Whether spans can leave at all. */
import type { InstrumentConfig } from "./options.js";
import { convexEnv } from "./platform.js";

/** `OTEL_SDK_DISABLED=true` and a missing exporter come to the same: nothing is recorded. */
export function hasWayOut({ options }: InstrumentConfig): boolean {
  if (convexEnv("OTEL_SDK_DISABLED")?.toLowerCase() === "true") return false;
  return options.exporter?.isConfigured(convexEnv) === true;
}
