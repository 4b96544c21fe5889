/** The example app in the strict runtime, bundled with the library as it is installed. */
import { fileURLToPath } from "node:url";
import schema from "../../examples/relayflow/convex/schema.js";
import { type Backend, backendOf } from "../../examples/relayflow/demo/backend.js";
import { componentFolder, type WayOut } from "../../examples/relayflow/demo/bundledApp.js";
import { withoutComponent } from "../../examples/relayflow/demo/withoutComponent.js";
import outboxSchema from "../../src/component/schema.js";
import { bundleConvex, type ConvexBundle } from "../../src/testing/convexBundle.js";
import { strictConvex, type StrictBackend, type StrictConvex, type StrictEnv } from "../../src/testing/strict/index.js";
import { bundleInstalled } from "../runtimes/bundle.js";
import { expectRules } from "../runtimes/rules.js";

const functions = fileURLToPath(new URL("../../examples/relayflow/convex", import.meta.url));

const bundles: Partial<Record<WayOut | "component", Promise<ConvexBundle>>> = {};

/** Starts it, with its component unless spans are to leave without. Its target and its OTLP endpoint are what `env` says. */
export async function startBundled(options: {
  readonly env: StrictEnv;
  readonly backend?: StrictBackend;
  readonly wayOut: WayOut;
}): Promise<StrictConvex<typeof schema>> {
  const { env, backend = {}, wayOut } = options;
  const bundle = await (bundles[wayOut] ??= bundleInstalled(functions, wayOut === "jobs" ? [withoutComponent] : []));
  const component = await (bundles.component ??= bundleConvex(componentFolder()));
  const otel = { bundle: component, schema: outboxSchema, env: boundVariables(env) };
  return await strictConvex({ env, backend, bundle, schema, components: wayOut === "outbox" ? { otel } : {} });
}

/** The variables that the component gets, as they are when it reads them. */
function boundVariables(env: StrictEnv): StrictEnv {
  const names = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_BSP_SCHEDULE_DELAY"];
  const properties = names.map((name) => [name, { enumerable: true, get: () => env[name] }] as const);
  return Object.defineProperties({}, Object.fromEntries(properties));
}

/** Backends for the demo. When they are closed, what ran on them has to have kept the rules. */
export function strictBackends(): {
  start(app: unknown, wayOut: WayOut): Promise<Backend>;
  close(): Promise<void>;
} {
  const started: StrictConvex<typeof schema>[] = [];
  return {
    start: async (_, wayOut) => {
      const backend = await startBundled({ env: process.env, wayOut });
      started.push(backend);
      return backendOf(backend.t, wayOut);
    },
    close: async () => {
      for (const { close } of started) await close();
      for (const { calls } of started) expectRules(calls);
    },
  };
}
