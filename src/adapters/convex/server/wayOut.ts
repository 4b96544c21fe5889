/** Whether spans can leave at all. */
import type { InstrumentConvexOptions } from "./options.js";
import { convexEnv } from "./surroundings.js";

/** `OTEL_SDK_DISABLED=true` and a missing exporter come to the same: nothing is recorded. */
export function hasWayOut({ exporter }: InstrumentConvexOptions): boolean {
  if (exporter === undefined || convexEnv("OTEL_SDK_DISABLED")?.toLowerCase() === "true") return false;
  return exporter.isConfigured(convexEnv);
}
