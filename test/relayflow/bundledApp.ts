/** The example app in the strict runtime, bundled with the library as it is installed. */
import { fileURLToPath } from "node:url";
import schema from "../../examples/relayflow/convex/schema.js";
import { type Backend, backendOf } from "../../examples/relayflow/demo/backend.js";
import type { ConvexBundle } from "../../src/testing/convexBundle.js";
import { strictConvex, type StrictBackend, type StrictConvex } from "../../src/testing/strict/index.js";
import { bundleInstalled } from "../runtimes/bundle.js";
import { expectRules } from "../runtimes/rules.js";

const functions = fileURLToPath(new URL("../../examples/relayflow/convex", import.meta.url));

let bundle: Promise<ConvexBundle> | undefined;

/** Starts it. Its target and its OTLP endpoint are what `env` says. */
export async function startBundled(options: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly backend?: StrictBackend;
}): Promise<StrictConvex<typeof schema>> {
  bundle ??= bundleInstalled(functions);
  return await strictConvex({ ...options, bundle: await bundle, schema });
}

/** Backends for the demo. When they are closed, what ran on them has to have kept the rules. */
export function strictBackends(): { start(): Promise<Backend>; close(): Promise<void> } {
  const started: StrictConvex<typeof schema>[] = [];
  return {
    start: async () => {
      const backend = await startBundled({ env: process.env });
      started.push(backend);
      return backendOf(backend.t);
    },
    close: async () => {
      for (const { close } of started) await close();
      for (const { calls } of started) expectRules(calls);
    },
  };
}
