/**
 * The example app, bundled with the library's source, in the strict runtime: one webhook end to end. What convex-test forgives
 * (context that leaks into nested calls, clocks that run in queries, exports that nobody awaits) would break these traces.
 */
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { makeFunctionReference } from "convex/server";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import schema from "../../../examples/relayflow/convex/schema.js";
import { LIBRARY_SOURCE } from "../../../examples/relayflow/demo/bundledApp.js";
import { SIGNING_SECRET, stripeBody, stripeSignature } from "../../../examples/relayflow/demo/stripe.js";
import { startTargetApi, type TargetApi } from "../../../examples/relayflow/demo/targetApi.js";
import { bundleConvex, type ConvexBundle } from "../../../src/testing/convexBundle.js";
import { startOtlpReceiver, type OtlpReceiver } from "../../../src/testing/otlpReceiver.js";
import { spanTree } from "../../../src/testing/spanTree.js";
import {
  strictConvex,
  type StrictBackend,
  type StrictCall,
  type StrictConvex,
} from "../../../src/testing/strict/index.js";

const functions = fileURLToPath(new URL("../../../examples/relayflow/convex", import.meta.url));

const WEBHOOK_TREE = `
POST /webhooks/stripe [server]
├─ webhook verify
└─ pipeline:receive [client]
   └─ pipeline:receive [server]
      ├─ webhook normalize
      ├─ webhook route
      │  └─ query webhookDeliveries [client]
      ├─ insert webhookDeliveries [client]
      ├─ insert events [client]
      ├─ insert automationTasks [client]
      └─ schedule tasks:executeTask [producer]
         └─ process tasks:executeTask [consumer]
            ├─ tasks:load [client]
            ├─ POST [client]
            └─ tasks:settle [client]
               └─ tasks:settle [server]
                  ├─ get automationTasks [client]
                  └─ patch automationTasks [client]
`;

let bundle: ConvexBundle;
let receiver: OtlpReceiver;
let target: TargetApi;
let backend: StrictConvex<typeof schema>;

beforeAll(async () => {
  bundle = await bundleConvex(functions, { alias: LIBRARY_SOURCE });
});

beforeEach(async () => {
  receiver = await startOtlpReceiver();
  target = await startTargetApi({}, () => undefined);
});

afterEach(async () => {
  await backend.close();
  await receiver.close();
  await target.close();
});

async function start(variables: Record<string, string>, lacking: StrictBackend = {}): Promise<void> {
  const env = { STRIPE_WEBHOOK_SECRET: SIGNING_SECRET, RELAY_TARGET_URL: target.url, ...variables };
  backend = await strictConvex({ bundle, schema, env, backend: lacking });
}

async function deliver(): Promise<Response> {
  const body = await stripeBody("invoicePaid", "evt_strict");
  return await backend.t.fetch("/webhooks/stripe", {
    method: "POST",
    headers: { "content-type": "application/json", "stripe-signature": stripeSignature(body) },
    body,
  });
}

const jobs = (): Promise<{ name: string; state: string }[]> =>
  backend.t.run(async (ctx) => {
    const documents = await ctx.db.system.query("_scheduled_functions").collect();
    return documents.map(({ name, state }) => ({ name, state: state.kind }));
  });

/** Waits until nothing is scheduled any more. */
async function drain(): Promise<void> {
  for (let round = 0; round < 500; round++) {
    if ((await jobs()).every(({ state }) => state !== "pending" && state !== "inProgress")) return;
    await sleep(10);
  }
  throw new Error(`Jobs are still open: ${JSON.stringify(await jobs())}`);
}

const list = (): Promise<unknown> =>
  backend.t.query(makeFunctionReference<"query">("tasks:list"), { status: "succeeded" });

function summary({ path, type, outcome }: StrictCall): string {
  return `${type} ${path} ${outcome}`;
}

describe("Relayflow under Convex's rules", () => {
  it("traces a webhook through all of its functions", async () => {
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const response = await deliver();
    expect([response.status, await response.json()]).toEqual([200, { outcome: "processed" }]);
    await drain();
    expect(receiver.duplicates).toBe(0);
    expect(`\n${spanTree(receiver.spans)}\n`).toBe(WEBHOOK_TREE);
    expect((await jobs()).filter(({ state }) => state !== "success")).toEqual([]);
    expect(backend.calls.filter(({ outcome }) => outcome !== "returned").map(summary)).toEqual([]);
    expect(backend.calls.flatMap(({ unawaited }) => unawaited)).toEqual([]);
    expect(backend.calls.flatMap(({ console }) => console)).toEqual([]);
  });

  it("leaves its queries alone", async () => {
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    await deliver();
    await drain();
    expect(await list()).toMatchObject([{ status: "succeeded" }]);
    const untouched = {
      clockReads: 0,
      randomDraws: 0,
      importReads: { clock: 0, random: 0 },
      envReads: [],
      console: [],
    };
    const queries = backend.calls.filter(({ type }) => type === "query");
    expect(queries.map(({ path }) => path)).toEqual(["tasks:load", "tasks:list"]);
    for (const query of queries) {
      expect(query).toMatchObject({ ...untouched, observedTime: false, observedRandom: false, outcome: "returned" });
    }
  });

  it("is the same webhook to the app with tracing and without", async () => {
    const observed = async (variables: Record<string, string>): Promise<unknown> => {
      await start(variables);
      await deliver();
      await drain();
      await list();
      const own = backend.calls.filter(({ path }) => path !== "otel:deliver");
      const result = own.map((call) => [summary(call), call.operations.filter(isVisible).map(({ name }) => name)]);
      const keys = backend.callsOf("tasks:list").map(({ cacheKey }) => cacheKey);
      await backend.close();
      return { result, keys };
    };
    const withTracing = await observed({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    expect(withTracing).toEqual(await observed({ OTEL_SDK_DISABLED: "true" }));
  });

  it("traces the attempt that was committed, and only that", async () => {
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    backend.conflict("pipeline:receive", 2);
    backend.conflict("tasks:settle");
    await deliver();
    await drain();
    expect(backend.callsOf("pipeline:receive").map(({ outcome }) => outcome)).toEqual([
      "conflict",
      "conflict",
      "returned",
    ]);
    expect(`\n${spanTree(receiver.spans)}\n`).toBe(WEBHOOK_TREE);
    expect(receiver.duplicates).toBe(0);
  });

  it.each([
    ["performance", { performance: false }],
    ["metadata", { meta: [] }],
  ] as const)("traces the same on a backend without %s", async (_, lacking) => {
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }, lacking);
    await deliver();
    await drain();
    expect(`\n${spanTree(receiver.spans)}\n`).toBe(WEBHOOK_TREE);
    expect(backend.calls.filter(({ outcome }) => outcome !== "returned").map(summary)).toEqual([]);
  });

  it("without AsyncLocalStorage, spans are at least in the right call", async () => {
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }, { asyncLocalStorage: false });
    await deliver();
    await drain();
    const flat = WEBHOOK_TREE.replace("│  └─ query webhookDeliveries", "├─ query webhookDeliveries");
    expect(`\n${spanTree(receiver.spans)}\n`).toBe(flat);
  });

  it.each([
    ["refuses spans", { status: 400 }],
    ["is overloaded", { status: 503 }],
    ["breaks off", { fault: "reset" }],
    ["does not answer", { fault: "hang" }],
  ] as const)("goes on while the endpoint %s", async (_, answer) => {
    receiver.respond(() => answer);
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    expect((await deliver()).status).toBe(200);
    for (let round = 0; round < 300 && target.calls.length === 0; round++) await sleep(10);
    for (let round = 0; round < 300 && backend.callsOf("tasks:executeTask")[0]?.outcome === "running"; round++)
      await sleep(10);
    const own = backend.calls.filter(({ path }) => path !== "otel:deliver");
    expect(own.filter(({ outcome }) => outcome !== "returned").map(summary)).toEqual([]);
    expect(backend.calls.filter(({ outcome }) => outcome === "killed").map(summary)).toEqual([]);
    expect(backend.calls.flatMap(({ unawaited }) => unawaited)).toEqual([]);
  });
});

/** What a program can notice: not the metadata that spans are described with, nor how they leave. */
function isVisible({ kind, argsJson, name }: StrictCall["operations"][number]): boolean {
  return kind !== "metadata" && name !== "fetch" && !(kind === "schedule" && argsJson.includes("otel:deliver"));
}
