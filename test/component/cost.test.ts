/**
 * What tracing adds for each mutation and action, with the component and without: calls and documents, counted where Convex counts them.
 * `docs/cost.md` has the same numbers.
 */
import { convexTest } from "convex-test";
import { defineSchema, defineTable, makeFunctionReference } from "convex/server";
import { v } from "convex/values";
import { readFileSync } from "node:fs";
import { afterEach, expect, it, vi } from "vitest";
import { instrumentConvex, type InstrumentConvexOptions } from "../../src/adapters/convex/server/index.js";
import { otlp } from "../../src/otlp/index.js";
import { register } from "../../src/test.js";
import { stock } from "../adapters/convex/apps/schema.js";
import { components, outboxOf, pass, receiverOf } from "./outboxApp.js";
import { syscallsOf } from "./syscalls.js";

const touch = makeFunctionReference<"mutation">("app:touch");
const work = makeFunctionReference<"action">("app:work");

afterEach(() => vi.unstubAllGlobals());

async function start(options: InstrumentConvexOptions) {
  const receiver = await receiverOf();
  const otel = instrumentConvex(stock as never, { exporter: otlp(), ...options });
  const app = {
    touch: otel.mutation({ args: {}, handler: async () => null }),
    work: otel.action({ args: {}, handler: async () => null }),
  };
  const t = convexTest({
    schema: defineSchema({ things: defineTable({ n: v.number() }) }),
    modules: {
      "./convex/_generated/api.js": async () => ({}),
      "./convex/otel.ts": async () => ({ deliver: otel.deliver }),
      "./convex/app.ts": async () => app,
    },
  });
  register(t);
  return { t, receiver };
}

const CALLS = 600;

/** Calls evenly over a minute, and what they cost until nothing runs any more. */
async function costOf(kind: "mutation" | "action", everyMs: number, calls: number, options: InstrumentConvexOptions) {
  const { t, receiver } = await start(options);
  const seen = await syscallsOf(async () => {
    for (let call = 0; call < calls; call++) {
      if (kind === "mutation") await t.mutation(touch, {});
      else await t.action(work, {});
      await pass(t, everyMs);
    }
    await pass(t, 5 * 60_000);
  });
  const times = (name: string) => seen.filter((line) => line.trim().startsWith(name)).length;
  const { texts, runner } = await outboxOf(t);
  expect([texts, receiver.duplicates, receiver.spans.length - (runner?.dropped.age ?? 0)]).toEqual([
    [],
    0,
    receiver.spans.length,
  ]);
  return {
    /** Jobs that ran, and calls that actions made. */
    calls: times("1.0/schedule") + times("1.0/actions/schedule") + times("1.0/actions/mutation"),
    jobs: times("1.0/schedule") + times("1.0/actions/schedule"),
    written: times("1.0/insert texts"),
    requests: receiver.requests.length,
    spans: receiver.spans.length,
  };
}

const TABLE: [string, "mutation" | "action", number, number, boolean][] = [
  ["10 mutations a second", "mutation", 100, CALLS, false],
  ["10 mutations a second", "mutation", 100, CALLS, true],
  ["1 mutation a minute", "mutation", 60_000, 10, false],
  ["1 mutation a minute", "mutation", 60_000, 10, true],
  ["10 actions a second", "action", 100, CALLS, false],
  ["10 actions a second", "action", 100, CALLS, true],
];

it.each(TABLE)(
  "%s",
  async (what, kind, everyMs, calls, hasOutbox) => {
    const cost = await costOf(kind, everyMs, calls, hasOutbox ? { outbox: components.otel } : {});
    console.log(what, hasOutbox, cost);
  },
  120_000,
);
