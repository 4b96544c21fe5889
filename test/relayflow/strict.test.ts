/**
 * What only the strict runtime can show of the example app: that queries notice nothing, and what conflicts, old backends and
 * a real endpoint that misbehaves do. The traces of its other cases are in `traces.test.ts`, for all runtimes.
 */
import { makeFunctionReference } from "convex/server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type schema from "../../examples/relayflow/convex/schema.js";
import { backendOf } from "../../examples/relayflow/demo/backend.js";
import type { WayOut } from "../../examples/relayflow/demo/bundledApp.js";
import { SIGNING_SECRET, stripeBody, stripeSignature } from "../../examples/relayflow/demo/stripe.js";
import { startTargetApi, type TargetApi } from "../../examples/relayflow/demo/targetApi.js";
import { startOtlpReceiver, type OtlpReceiver } from "../../src/testing/otlpReceiver.js";
import { spanTree } from "../../src/testing/spanTree.js";
import type { StrictBackend, StrictCall, StrictConvex } from "../../src/testing/strict/index.js";
import { jobsOf, settle } from "../runtimes/jobs.js";
import { expectRules } from "../runtimes/rules.js";
import { startBundled } from "./bundledApp.js";
import { WEBHOOK_TREE } from "./trees.js";

let receiver: OtlpReceiver;
let target: TargetApi;
let backend: StrictConvex<typeof schema>;
let wayOut: WayOut;

beforeEach(async () => {
  receiver = await startOtlpReceiver();
  target = await startTargetApi({}, () => undefined);
});

afterEach(async () => {
  await backend.close();
  await receiver.close();
  await target.close();
  expectRules(backend.calls);
});

async function start(variables: Record<string, string>, lacking: StrictBackend = {}): Promise<void> {
  const app = { STRIPE_WEBHOOK_SECRET: SIGNING_SECRET, RELAY_TARGET_URL: target.url };
  const env = { ...app, OTEL_BSP_SCHEDULE_DELAY: "100", ...variables };
  backend = await startBundled({ env, backend: lacking, wayOut });
}

/** Waits until nothing is due any more and no spans wait. */
async function rest(): Promise<void> {
  await settle(backend.t);
  await backendOf(backend.t, wayOut).flush();
}

async function deliver(): Promise<Response> {
  const body = await stripeBody("invoicePaid", "evt_strict");
  return await backend.t.fetch("/webhooks/stripe", {
    method: "POST",
    headers: { "content-type": "application/json", "stripe-signature": stripeSignature(body) },
    body,
  });
}

const list = (): Promise<unknown> =>
  backend.t.query(makeFunctionReference<"query">("tasks:list"), { status: "succeeded" });

/** The calls of the app, without those that carry spans away. */
function isOwn({ path, componentPath }: StrictCall): boolean {
  return componentPath === "" && path !== "otel:deliver";
}

function summary({ path, type, outcome }: StrictCall): string {
  return `${type} ${path} ${outcome}`;
}

describe.each(["outbox", "jobs"] as const)("Relayflow under Convex's rules, with its spans leaving by %s", (way) => {
  beforeEach(() => {
    wayOut = way;
  });

  it("traces a webhook, at a real endpoint, with nothing sent twice and nothing printed", async () => {
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const response = await deliver();
    expect([response.status, await response.json()]).toEqual([200, { outcome: "processed" }]);
    await rest();
    expect(receiver.duplicates).toBe(0);
    expect(`\n${spanTree(receiver.spans)}\n`).toBe(WEBHOOK_TREE);
    expect((await jobsOf(backend.t)).filter(({ state }) => state.kind !== "success")).toEqual([]);
    expect(backend.calls.filter(({ outcome }) => outcome !== "returned").map(summary)).toEqual([]);
    expect(backend.calls.flatMap(({ console }) => console)).toEqual([]);
  });

  it("leaves its queries cacheable", async () => {
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    await deliver();
    await rest();
    expect(await list()).toMatchObject([{ status: "succeeded" }]);
    const queries = backend.calls.filter((call) => call.type === "query" && isOwn(call));
    expect(queries.map(({ path, observedTime, observedRandom }) => [path, observedTime, observedRandom])).toEqual([
      ["tasks:load", false, false],
      ["tasks:list", false, false],
    ]);
  });

  it("is the same webhook to the app with tracing and without", async () => {
    const observed = async (variables: Record<string, string>): Promise<unknown> => {
      await start(variables);
      await deliver();
      await rest();
      await list();
      const own = backend.calls.filter(isOwn);
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
    await rest();
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
    await rest();
    expect(`\n${spanTree(receiver.spans)}\n`).toBe(WEBHOOK_TREE);
    expect(backend.calls.filter(({ outcome }) => outcome !== "returned").map(summary)).toEqual([]);
  });

  it("without AsyncLocalStorage, spans are at least in the right call", async () => {
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }, { asyncLocalStorage: false });
    await deliver();
    await rest();
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
    await vi.waitUntil(() => target.calls.length > 0, 60_000);
    await vi.waitUntil(() => backend.callsOf("tasks:executeTask")[0]?.outcome !== "running", 60_000);
    const own = backend.calls.filter(isOwn);
    expect(own.filter(({ outcome }) => outcome !== "returned").map(summary)).toEqual([]);
  });
});

/** What a program can notice: not the metadata that spans are described with, nor how they leave. */
function isVisible({ kind, argsJson, name }: StrictCall["operations"][number]): boolean {
  const leaves = kind === "schedule" ? "otel:deliver" : "otel/enqueue/enqueue";
  return kind !== "metadata" && name !== "fetch" && !argsJson.includes(leaves);
}
