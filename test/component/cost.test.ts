/**
 * What tracing adds for each mutation and action, with the component and without: calls and documents, counted where Convex counts them.
 * `docs/cost.md` has the same numbers.
 */
import { convexTest } from "convex-test";
import { defineSchema, defineTable, makeFunctionReference } from "convex/server";
import { v } from "convex/values";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { instrumentConvex, type InstrumentConvexOptions } from "../../src/adapters/convex/server/index.js";
import { otlp } from "../../src/otlp/index.js";
import { register } from "../../src/test.js";
import { stock } from "../adapters/convex/apps/schema.js";
import { components, jobs, outboxOf, pass, receiverOf } from "./outboxApp.js";
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

/** What is paid for. */
interface Cost {
  /** Calls that Convex starts: jobs, and the mutations that actions call. */
  readonly calls: number;
  /** Documents that callers write in their transactions. */
  readonly documents: number;
  readonly requests: number;
}

/** Calls evenly over a minute, and what they cost until nothing runs any more. */
async function costOf({ kind, everyMs, calls }: Row, hasOutbox: boolean): Promise<Cost> {
  const { t, receiver } = await start(hasOutbox ? { outbox: components.otel } : {});
  const seen = await syscallsOf(async () => {
    for (let call = 0; call < calls; call++) {
      if (kind === "mutation") await t.mutation(touch, {});
      else await t.action(work, {});
      await pass(t, everyMs);
    }
    await pass(t, 5 * 60_000);
  });
  const { texts } = await outboxOf(t);
  expect([texts, receiver.duplicates, receiver.spans.length]).toEqual([[], 0, calls]);
  const all = [...(await jobs(t)), ...(await jobs(t, ""))];
  const drains = all.filter(({ name }) => name.startsWith("drain")).length;
  const enqueues = seen.filter((line) => line === "1.0/insert texts").length;
  return {
    // A drain calls one mutation at its start and one after each batch; an action calls one to enqueue.
    calls: all.length + drains + (hasOutbox ? receiver.requests.length : 0) + (kind === "action" ? enqueues : 0),
    documents: enqueues,
    requests: receiver.requests.length,
  };
}

interface Row {
  readonly what: string;
  readonly kind: "mutation" | "action";
  readonly everyMs: number;
  readonly calls: number;
  readonly without: Cost;
  readonly withOutbox: Cost;
}

const TABLE: Row[] = [
  {
    what: "300 mutations, ten a second",
    kind: "mutation",
    everyMs: 100,
    calls: 300,
    without: { calls: 300, documents: 0, requests: 300 },
    withOutbox: { calls: 26, documents: 300, requests: 6 },
  },
  {
    what: "10 mutations, one a minute",
    kind: "mutation",
    everyMs: 60_000,
    calls: 10,
    without: { calls: 10, documents: 0, requests: 10 },
    withOutbox: { calls: 51, documents: 10, requests: 10 },
  },
  {
    what: "300 actions, ten a second",
    kind: "action",
    everyMs: 100,
    calls: 300,
    without: { calls: 0, documents: 0, requests: 300 },
    withOutbox: { calls: 326, documents: 300, requests: 6 },
  },
];

describe.each(TABLE)("$what", (row) => {
  it.each(["without", "withOutbox"] as const)(
    "%s",
    async (which) => {
      expect(await costOf(row, which === "withOutbox")).toEqual(row[which]);
    },
    60_000,
  );

  it("is what the documentation says", () => {
    const cells = [
      row.what,
      row.without.calls,
      row.withOutbox.calls,
      row.withOutbox.documents,
      row.withOutbox.requests,
    ];
    const page = readFileSync(new URL("../../docs/cost.md", import.meta.url), "utf8");
    expect(page.replace(/ +/g, " ")).toContain(`| ${cells.join(" | ")} |`);
  });
});

it("costs nothing where nothing is recorded", async () => {
  const { t } = await start({ outbox: components.otel, sampling: 0 });
  const seen = await syscallsOf(async () => {
    await t.mutation(touch, {});
    await t.action(work, {});
  });
  expect(seen.filter((line) => /insert|schedule|runUdf|query/.test(line))).toEqual([]);
});

it("stores what it sends, and no more", async () => {
  const { t, receiver } = await start({ outbox: components.otel });
  await t.mutation(touch, {});
  await t.mutation(touch, {});
  const { texts } = await outboxOf(t);
  console.info(`one span stored: ${texts[0]?.text.length ?? 0} bytes`);
  const stored = texts.reduce((sum, { text }) => sum + text.length, 0);
  await pass(t, 10_000);
  const [request] = receiver.requests;
  // `{"resourceSpans":[` and `]}`, and a comma.
  expect(Number(request?.headers["content-length"])).toBe(stored + 20 + 1);
});
