/** Drivers as OpenTelemetry's own instrumentations change them, beside the same drivers as they are. */
import { createRequire } from "node:module";
import { sep } from "node:path";
import type { Instrumentation } from "@opentelemetry/instrumentation";
import type { Redis } from "ioredis";
import type pg from "pg";

const require = createRequire(import.meta.url);

/** The instrumentations of the newest `auto-instrumentations-node`, which brings its own. */
const fromAutoInstrumentations = createRequire(require.resolve("@opentelemetry/auto-instrumentations-node"));

type InstrumentationClass = new () => Instrumentation;

/** node-postgres. */
export function officialPg(): typeof pg {
  const { PgInstrumentation } = fromAutoInstrumentations("@opentelemetry/instrumentation-pg") as {
    readonly PgInstrumentation: InstrumentationClass;
  };
  return loadedBy(PgInstrumentation, "pg", ["pg", "pg-pool"]) as typeof pg;
}

/** ioredis. */
export function officialIoredis(): { readonly Redis: typeof Redis } {
  const { IORedisInstrumentation } = fromAutoInstrumentations("@opentelemetry/instrumentation-ioredis") as {
    readonly IORedisInstrumentation: InstrumentationClass;
  };
  return loadedBy(IORedisInstrumentation, "ioredis", ["ioredis"]) as { readonly Redis: typeof Redis };
}

/** An instrumentation changes a driver while that is loaded: here a second copy, so that the first one stays as it is. */
function loadedBy(Instrumentation: InstrumentationClass, driver: string, packages: readonly string[]): unknown {
  new Instrumentation().enable();
  for (const path of Object.keys(require.cache)) {
    if (packages.some((name) => path.includes(`${sep}node_modules${sep}${name}${sep}`)))
      Reflect.deleteProperty(require.cache, path);
  }
  return require(driver);
}
