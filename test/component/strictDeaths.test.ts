/**
 * A drain that ends in the middle, as in a deploy, at a limit or with its machine: at each of its awaited steps, with an end that it
 * cannot catch. Other code is deployed meanwhile, and the backend is down when the next drain comes.
 */
import type { Plugin } from "esbuild";
import { afterEach, expect, it, vi } from "vitest";
import { BATCH_SPANS } from "../../src/component/limits.js";
import type { ConvexBundle } from "../../src/testing/convexBundle.js";
import { bundleComponent, component, openJobs, strictApp } from "./strictApp.js";

const MINUTE = 60_000;

/** The drain of the component, which asks a variable at each step whether it is to go on. */
const DYING_DRAIN = `
import { internalAction } from "./_generated/server.js";
import { drain as real } from "./drain.ts?real";

function step() {
  if (process.env.TEST_STEP !== "die") return;
  // Ends the call at once, as no \`catch\` could.
  void Promise.reject(new Error("killed"));
  return new Promise(() => {});
}

function around(run) {
  return async (...args) => {
    await step();
    const result = await run(...args);
    await step();
    return result;
  };
}

export const drain = internalAction({
  handler: (ctx, args) => {
    globalThis.fetch = around(globalThis.fetch);
    return real._handler({ ...ctx, runMutation: around(ctx.runMutation) }, args);
  },
});
`;

const dyingDrain: Plugin = {
  name: "dying drain",
  setup: (setup) => {
    setup.onResolve({ filter: /\/drain\.ts\?real$/ }, ({ resolveDir }) => ({
      path: `${resolveDir}/drain.ts`,
      suffix: "?real",
    }));
    setup.onLoad({ filter: /src\/component\/drain\.ts$/ }, ({ suffix }) =>
      suffix === "?real" ? undefined : { contents: DYING_DRAIN, loader: "js" },
    );
  },
};

/**
 * All steps of the drains that send what is recorded below: three batches in two drains. Each awaits what comes before a call, and the call.
 */
const CALLS = ["claim", "request 1", "settle 1", "request 2", "settle 2", "claim again", "request 3", "settle 3"];
const STEPS = CALLS.flatMap((call) => [`before ${call}`, `after ${call}`]);

let dying: Promise<ConvexBundle> | undefined;

afterEach(() => vi.restoreAllMocks());

/** An app whose drain counts its steps, and dies at one of them. */
async function start(dieAt: number) {
  // convex-test prints what its jobs throw.
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  dying ??= bundleComponent([dyingDrain]);
  const bundle = await dying;
  let steps = 0;
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: "",
    get TEST_STEP() {
      return steps++ === dieAt ? "die" : "go on";
    },
  };
  const app = await strictApp({ component: bundle, componentEnv: env });
  env.OTEL_EXPORTER_OTLP_ENDPOINT = app.receiver.url;
  for (const by of ["a", "b", "c", "d", "e"]) await app.mutation("busy", by);
  return { app, steps: () => steps };
}

/** Of each of five mutations: its own span, its steps and its insert. */
const SPANS = 5 * 172;

it("has these steps", async () => {
  const { app, steps } = await start(-1);
  await app.pass(10 * MINUTE);
  expect(steps()).toBe(STEPS.length);
  expect([app.receiver.spans.length, app.receiver.requests.length, app.receiver.duplicates]).toEqual([SPANS, 3, 0]);
});

it.each(STEPS.map((name, index) => [name, index] as const))("dies %s", async (name, index) => {
  const { app } = await start(index);
  await app.pass(15_000);
  const ends = app.callsOf("otel/drain:drain").map(({ outcome }) => outcome);
  expect(ends.filter((outcome) => outcome === "killed")).toHaveLength(1);
  await app.deploy(await component(), "otel");
  app.receiver.respond(() => ({ status: 503 }));
  await app.pass(5 * MINUTE);
  await app.mutation("add", "meanwhile");
  app.receiver.respond([]);
  await app.pass(15 * MINUTE);
  const ids = new Set(app.receiver.spans.map(({ spanId }) => spanId));
  expect(ids.size).toBe(SPANS + 3);
  const { texts, failed, runner } = await app.tables();
  expect([texts, failed, runner?.status, await openJobs(app)]).toEqual([[], [], "idle", []]);
  // After its last call it had nothing left to do.
  expect(runner?.restarts).toBe(name === "after settle 2" || name === "after settle 3" ? 0 : 1);
  expect(app.receiver.duplicates).toBeLessThanOrEqual(Math.min(BATCH_SPANS, runner?.resent ?? 0));
});
