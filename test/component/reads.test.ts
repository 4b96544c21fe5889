/**
 * What a caller's transaction reads and writes through the component, call by call to Convex: the proof that callers cannot conflict,
 * since Convex retries a mutation only when something that it read was written.
 */
import { afterEach, expect, it, vi } from "vitest";
import { encodeSpans } from "../../src/otlp/index.js";
import { Backend, NO_LATENCY } from "./concurrent/backend.js";
import { componentModules } from "./concurrent/componentModules.js";
import { ENVELOPE, outboxApp } from "./outboxApp.js";
import { aSpan } from "./spans.js";
import { syscallsOf } from "./syscalls.js";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

it("a caller while nobody drains: one insert, one job, and a look on a snapshot", async () => {
  const { enqueue } = await outboxApp();
  expect(await syscallsOf(() => enqueue(["{}"]))).toEqual([
    "1.0/runUdf mutation",
    "1.0/insert texts",
    "1.0/runUdf snapshotQuery",
    "  1.0/queryStreamNext",
    "1.0/schedule",
  ]);
});

it("a caller while somebody drains, or will: one insert, and a look on a snapshot", async () => {
  const { enqueue, record, pass } = await outboxApp();
  await record(1);
  await pass(1_000);
  const one = ["1.0/runUdf mutation", "1.0/insert texts", "1.0/runUdf snapshotQuery"];
  // The runner, and that there is no second one.
  const look = ["  1.0/queryStreamNext", "  1.0/queryStreamNext"];
  expect(await syscallsOf(() => enqueue(["{}", "{}"]))).toEqual([...one, ...look, ...one, ...look]);
});

/** The most documents that each function of the component has read and written at once, while so many texts wait and were set aside. */
async function mostOf(texts: number): Promise<Record<string, readonly [read: number, written: number]>> {
  const now = 1_750_000_000_000;
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:2");
  const backend = new Backend({ modules: { otel: componentModules }, now, latencies: NO_LATENCY, random: () => 0 });
  const { text } = encodeSpans([aSpan(0)], ENVELOPE);
  const waiting = Array.from({ length: texts }, (_, n) => ({
    creationTime: now - 300_000 + n,
    read: () => ({ text }),
  }));
  backend.tables.fill("texts", waiting);
  backend.tables.fill(
    "failed",
    waiting.map((one) => ({ ...one, read: () => ({ text, reason: "no" }) })),
  );
  const call = async (name: string, args = {}) => {
    const called = backend.mutation(`${name}:${name}`, args, "otel");
    await backend.time.pass(2_000);
    return called;
  };
  await call("enqueue", { text });
  // It is down; the watchdog looks each minute.
  await backend.time.pass(150_000);
  await backend.query("status:status", "otel");
  await call("pause");
  await call("retryFailed");
  await call("resume");
  const batch = (await call("claim", { generation: runnerOf(backend)["generation"] })) as {
    texts: { id: string; createdAt: number }[];
  };
  const sent = { bytes: text.length, again: [], refused: [] };
  const done = batch.texts.map(({ id, createdAt }) => ({ id, createdAt, ...sent }));
  const report = { done, delivered: done.length, rejected: 0 };
  await call("settle", { generation: runnerOf(backend)["generation"], report, goOn: true });
  await call("purge", { what: "failed" });
  await call("purge", { what: "pending" });
  backend.close();
  const names = new Set(backend.calls.map(({ name }) => name));
  const most = (name: string, what: "documentsRead" | "documentsWritten"): number =>
    Math.max(...backend.calls.filter((one) => one.name === name).map(({ usage }) => usage[what]));
  return Object.fromEntries(
    [...names].map((name) => [name, [most(name, "documentsRead"), most(name, "documentsWritten")] as const]),
  );
}

const runnerOf = (backend: Backend) => backend.documents("runner")[0]?.fields ?? expect.fail("there is no runner");

it("what a transaction of the outbox reads and writes is bounded, whatever waits", async () => {
  const [few, many] = [await mostOf(2_500), await mostOf(10_000)];
  // All that change something, but `awake`, `head` and `measure`, which run as a part of others.
  expect(Object.keys(few)).toHaveLength(11);
  expect(many).toEqual(few);
}, 180_000);
