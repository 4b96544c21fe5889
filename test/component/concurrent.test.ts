/**
 * Transactions that overlap, for minutes, with the outbox at work: on a backend that runs them at the same time, and runs those
 * again that have read what others wrote meanwhile.
 */
import { componentsGeneric } from "convex/server";
import { v } from "convex/values";
import { afterEach, expect, it, vi } from "vitest";
import { instrumentConvex } from "../../src/adapters/convex/server/index.js";
import { internalMutation, type MutationCtx } from "../../src/component/_generated/server.js";
import { enqueue } from "../../src/component/enqueue.js";
import { encodeSpans, otlp } from "../../src/otlp/index.js";
import { startOtlpReceiver } from "../../src/testing/index.js";
import { stock } from "../adapters/convex/apps/schema.js";
import { Backend, type Latencies, type Modules } from "./concurrent/backend.js";
import { componentModules } from "./concurrent/componentModules.js";
import { ENVELOPE } from "./outboxApp.js";
import { aSpan } from "./spans.js";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const NOW = 1_750_000_000_000;

/** Milliseconds. Slow on purpose: the longer things take, the more of them overlap. */
const LATENCIES: Latencies = { start: 5, operation: 0.5, next: 0.1, commit: 10, request: 100 };

/** 0 to 1, the same in each run. */
function noise(): () => number {
  let state = 0.5;
  return () => (state = (state * 997 + 0.618033988749895) % 1);
}

/** Functions of users: those of `add` have nothing to do with each other, and those of `count` all write the same document. */
function appOf({ mutation }: Pick<typeof stock, "mutation">): Modules {
  const args = { by: v.string() };
  return {
    app: {
      add: mutation({ args, handler: (ctx, { by }) => ctx.db.insert("tasks", { status: by, rank: 0 }) }),
      count: mutation({
        args,
        handler: async (ctx) => {
          const task = { status: "counted", rank: 1 };
          const counted = ctx.db.query("tasks").withIndex("by_status_rank", (q) => q.eq("status", task.status));
          const found = await counted.first();
          if (found === null) await ctx.db.insert("tasks", task);
          else await ctx.db.replace("tasks", found._id, { ...task, rank: found.rank + 1 });
        },
      }),
    },
  };
}

const open: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of open.splice(0)) await close();
  vi.unstubAllEnvs();
});

async function start(variant: "stock" | "traced", component: Modules = componentModules) {
  const receiver = await startOtlpReceiver();
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url);
  const otel = instrumentConvex(stock, { exporter: otlp(), outbox: componentsGeneric()["otel"] as never });
  const app = appOf(variant === "traced" ? otel : stock);
  const modules = { "": { ...app, otel: { deliver: otel.deliver } }, otel: component };
  const backend = new Backend({ modules, now: NOW, latencies: LATENCIES, random: noise() });
  open.push(() => (backend.close(), receiver.close()));
  return { backend, receiver };
}

/** A hundred mutations a second, at random moments, one in twenty of which counts. */
async function usersFor({ backend }: Awaited<ReturnType<typeof start>>, ms: number): Promise<void> {
  const random = noise();
  for (let n = 0; n < (ms / SECOND) * 100; n++) {
    const name = n % 20 === 0 ? "app:count" : "app:add";
    // A few of those that count lose all their attempts.
    const call = () => void backend.mutation(name, { by: `writer ${n}` }).catch(() => undefined);
    backend.time.at(backend.time.now + random() * ms, call);
  }
  await backend.time.pass(ms);
}

/** What made functions run again: `reader: table of writer`, each once. */
function conflictsOf({ calls }: Backend, isMeant: (name: string) => boolean): string[] {
  const meant = calls.filter(({ name }) => isMeant(name));
  return [
    ...new Set(meant.flatMap(({ name, conflicts }) => conflicts.map((conflict) => `${name}: ${conflict}`))),
  ].sort();
}

const isUsers = (name: string): boolean => name.startsWith("app:");

it("a hundred mutations a second are in no conflict that they are not in untraced", async () => {
  const found = [];
  for (const variant of ["stock", "traced"] as const) {
    const scene = await start(variant);
    await usersFor(scene, 65 * SECOND);
    await scene.backend.time.pass(5 * MINUTE);
    found.push(conflictsOf(scene.backend, isUsers));
    if (variant === "stock") for (const close of open.splice(0)) await close();
    else await expectDelivered(scene);
  }
  expect(found).toEqual([["app:count: tasks of app:count"], ["app:count: tasks of app:count"]]);
}, 120_000);

/** All that ran while the outbox was at work has arrived, once. */
async function expectDelivered({ backend, receiver }: Awaited<ReturnType<typeof start>>): Promise<void> {
  const ran = (name: string) => backend.calls.filter((call) => call.name === name && call.error === undefined).length;
  const arrived = (name: string) => receiver.spans.filter((span) => span.name === name).length;
  expect(ran("app:add")).toBe(6_175);
  for (const name of ["app:add", "app:count"]) expect([name, arrived(name)]).toEqual([name, ran(name)]);
  expect(receiver.duplicates).toBe(0);
  for (const name of ["wake:wake", "claim:claim", "watch:watch"]) expect(ran(`otel/${name}`)).toBeGreaterThan(0);
  expect(ran("otel/settle:settle")).toBeGreaterThan(10);
  expect(await backend.query("status:status", "otel")).toMatchObject({ state: "idle", restarts: 0, resent: 0 });
}

it("this test notices a caller that looks at the runner itself, and not at a snapshot of it", async () => {
  const real = Reflect.get(enqueue, "_handler") as (ctx: MutationCtx, args: { text: string }) => Promise<boolean>;
  const looking = internalMutation({
    args: { text: v.string() },
    handler: (ctx, args) => {
      const runQuery = (...given: readonly unknown[]): unknown => Reflect.apply(ctx.runQuery, ctx, given.slice(0, 2));
      return real({ ...ctx, runQuery } as never, args);
    },
  });
  const scene = await start("traced", { ...componentModules, enqueue: { enqueue: looking } });
  await usersFor(scene, 10 * SECOND);
  const conflicts = conflictsOf(scene.backend, (name) => name === "app:add");
  expect(conflicts).toContainEqual(expect.stringContaining("app:add: runner of otel/"));
});

it("a backlog is measured while it is sent, and no drain gives up for it", async () => {
  const { backend, receiver } = await start("traced");
  const texts = Array.from({ length: 20_000 }, (_, n) => {
    const { text } = encodeSpans([aSpan(n)], ENVELOPE);
    return { creationTime: NOW - 5 * MINUTE + n / 1_000, read: () => ({ text }) };
  });
  backend.tables.fill("texts", texts);
  void backend.mutation("resume:resume", {}, "otel");
  await backend.time.pass(SECOND);
  const watchAt = backend.documents("runner")[0]?.fields["watchAt"] ?? expect.fail("no look is due");
  void backend.mutation("watch:watch", { watchAt }, "otel");
  await backend.time.pass(5 * MINUTE);
  // Those that lose five attempts give up.
  const lost = backend.calls
    .filter(({ name }) => name === "otel/settle:settle")
    .map(({ conflicts }) => conflicts.length);
  expect(Math.max(...lost)).toBeLessThanOrEqual(1);
  expect(new Set(receiver.spans.map(({ name }) => name)).size).toBe(20_000);
  expect(await backend.query("status:status", "otel")).toMatchObject({ state: "idle", restarts: 0, resent: 0 });
  expect(receiver.duplicates).toBe(0);
}, 120_000);
