/** An app as its builders know it. */
import { type InstrumentConfig, type InstrumentConvexOptions, resolveOptions } from "./options.js";

/** What `instrumentConvex` was given, and what a traced call made of it. */
export interface InstrumentedApp {
  readonly options: InstrumentConvexOptions;
  /** Absent until a call is traced. */
  config?: InstrumentConfig;
}

/** The options with their defaults. */
export function configOf(app: InstrumentedApp): InstrumentConfig {
  return (app.config ??= resolveOptions(app.options));
}
