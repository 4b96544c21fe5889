/** Whether spans can leave at all. */
import { reportBrokenExporter } from "./brokenExporter.js";
import type { InstrumentedApp } from "./instrumentedApp.js";
import { convexEnv } from "./surroundings.js";

/** `OTEL_SDK_DISABLED=true`, a missing exporter and a broken one come to the same: nothing is recorded. */
export function hasWayOut(app: InstrumentedApp): boolean {
  const { exporter } = app.options;
  if (exporter === undefined || convexEnv("OTEL_SDK_DISABLED")?.toLowerCase() === "true") return false;
  try {
    return exporter.isConfigured(convexEnv);
  } catch (thrown) {
    reportBrokenExporter(app, thrown);
    return false;
  }
}
