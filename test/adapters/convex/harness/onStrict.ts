/** Apps under Convex's own rules, as deployed, with a real OTLP receiver as the backend. */
import { expect, vi } from "vitest";
import { bundleInstalled } from "../../../runtimes/bundle.js";
import { expectRules } from "../../../runtimes/rules.js";
import type { ConvexBundle } from "../../../../src/testing/convexBundle.js";
import { startOtlpReceiver } from "../../../../src/testing/index.js";
import { strictConvex } from "../../../../src/testing/strict/index.js";
import { schema } from "../apps/schema.js";
import { toReply } from "./backend.js";
import { convexFolder } from "./convexFolder.js";
import type { AppToRun, RunningApp } from "./start.js";

export async function runOnStrict(app: AppToRun): Promise<RunningApp> {
  const receiver = await startOtlpReceiver();
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url);
  const { lacking, transactionLimits = false } = app.conditions;
  const backend = await strictConvex({
    bundle: await bundleOf(app),
    schema,
    transactionLimits,
    // The deployment's variables are the test's, which can stub them.
    env: process.env,
    backend: lacking === undefined ? {} : { [lacking]: false },
  });
  // convex-test prints the failures of jobs.
  for (const method of ["error", "warn"] as const) vi.spyOn(console, method).mockImplementation(() => {});
  return {
    t: backend.t,
    exporter: {
      get spans() {
        return receiver.spans;
      },
      get batches() {
        return receiver.requests.map(({ spans }) => spans);
      },
      clear: () => receiver.reset(),
      respondWith: (script) => receiver.respond(() => toReply(script())),
    },
    lines: (wanted) =>
      backend.calls.flatMap(({ console }) => console.filter(({ level }) => level === wanted).map(({ text }) => text)),
    deploy: async (next) => await backend.deploy(await bundleOf(next)),
    close: async () => {
      await backend.close();
      await receiver.close();
      expectRules(backend.calls);
      expect(receiver.requests.flatMap(({ problem }) => problem ?? [])).toEqual([]);
      expect(receiver.duplicates).toBe(0);
    },
  };
}

const bundles = new Map<string, Promise<ConvexBundle>>();

// Tests of a file share bundles: they are only read.
function bundleOf(app: AppToRun): Promise<ConvexBundle> {
  const key = JSON.stringify([app.file, app.name, app.options]);
  const known = bundles.get(key);
  if (known !== undefined) return known;
  const bundle = convexFolder(app).then(bundleInstalled);
  bundles.set(key, bundle);
  return bundle;
}
