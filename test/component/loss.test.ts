/** Nothing is lost: what committed transactions recorded arrives, whatever the backend does, and however often the drain dies. */
import { describe, expect, it, vi } from "vitest";
import schema from "../../src/component/schema.js";
import { drain } from "../../src/component/drain.js";
import { internalAction, type ActionCtx } from "../../src/component/_generated/server.js";
import { BATCH_SPANS } from "../../src/component/limits.js";
import type { ReceiverAnswer } from "../../src/testing/index.js";
import { outboxApp } from "./outboxApp.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

type App = Awaited<ReturnType<typeof outboxApp>>;

/** Records calls minute by minute, and returns what must arrive. */
async function recordFor(app: App, minutes: number, callsEach: number, clock?: "runs in flight"): Promise<string[]> {
  const names: string[] = [];
  for (let minute = 0; minute < minutes; minute++) {
    names.push(...(await app.record(callsEach, 2)));
    await app.pass(MINUTE, clock);
  }
  return names;
}

/** Every recorded span has arrived, the outbox is empty and at rest. */
async function expectAll(app: App, names: readonly string[]): Promise<void> {
  const arrived = new Set(app.arrived());
  expect(names.filter((name) => !arrived.has(name))).toEqual([]);
  expect(arrived.size).toBe(names.length);
  const { texts, failed, runner } = await app.tables();
  expect([texts, failed, runner?.status]).toEqual([[], [], "idle"]);
  const jobs = await app.jobs();
  expect(jobs.filter(({ state }) => state.kind === "pending" || state.kind === "inProgress")).toEqual([]);
}

/** 0 to 1, the same in each run. */
function noise(): () => number {
  let state = 0;
  return () => (state += 0.618033988749895) % 1;
}

describe("whatever the backend does", () => {
  it("an hour of no answer: few attempts meanwhile, and everything after", async () => {
    const app = await outboxApp();
    app.receiver.respond(() => ({ fault: "reset" }));
    const names = await recordFor(app, 60, 20);
    const attempts = app.receiver.requests.length;
    expect(attempts).toBeLessThan(30);
    expect(await app.status()).toMatchObject({ state: "waiting", pending: 1_200, delivered: 0 });
    app.receiver.respond([]);
    await app.pass(15 * MINUTE);
    await expectAll(app, names);
    expect(app.receiver.duplicates).toBe(0);
  }, 60_000);

  const random = noise();
  const faults: [string, () => ReceiverAnswer | undefined][] = [
    ["30 % 503", () => (random() < 0.3 ? { status: 503 } : undefined)],
    ["30 % resets", () => (random() < 0.3 ? { fault: "reset" } : undefined)],
    ["30 % 401", () => (random() < 0.3 ? { status: 401 } : undefined)],
    ["30 % 429", () => (random() < 0.3 ? { status: 429, headers: { "retry-after": "30" } } : undefined)],
  ];
  it.each(faults)(
    "%s",
    async (_what, answer) => {
      const app = await outboxApp();
      app.receiver.respond(answer);
      const names = await recordFor(app, 10, 100);
      await app.pass(HOUR);
      await expectAll(app, names);
      expect(app.receiver.duplicates).toBe(0);
    },
    60_000,
  );

  it("answers that get lost: copies, which are bounded, counted and marked", async () => {
    const app = await outboxApp();
    app.receiver.respond([{ fault: "reset", accept: true }, {}, { fault: "reset", accept: true }]);
    const names = await recordFor(app, 4, 50);
    await app.pass(HOUR);
    await expectAll(app, names);
    expect(app.receiver.duplicates).toBe(200);
    expect(await app.status()).toMatchObject({ resent: 200, delivered: names.length });
    const marked = app.receiver.spans.filter(({ attributes }) => attributes["convex.telemetry.resend"] === true);
    // The first span of each text.
    expect(marked).toHaveLength(100);
  });

  it("answers past the deadline", async () => {
    const app = await outboxApp();
    app.receiver.respond([{ fault: "hang" }, { fault: "hang" }]);
    const names = await recordFor(app, 3, 20, "runs in flight");
    await app.pass(10 * MINUTE, "runs in flight");
    await expectAll(app, names);
    expect(app.receiver.requests.length).toBeGreaterThan(2);
  });

  it("Retry-After is never undercut", async () => {
    const app = await outboxApp();
    app.receiver.respond([{ status: 429, headers: { "retry-after": "600" } }]);
    const names = await app.record(10);
    await app.pass(9 * MINUTE);
    expect(app.receiver.requests).toHaveLength(1);
    await app.pass(3 * MINUTE);
    await expectAll(app, names);
  });

  it("partial success: what was refused is counted, and nothing is sent again", async () => {
    const app = await outboxApp();
    app.receiver.respond([{ body: { partialSuccess: { rejectedSpans: "3", errorMessage: "too old" } } }]);
    await app.record(10);
    await app.pass(5 * MINUTE);
    expect(app.receiver.requests).toHaveLength(1);
    expect(await app.status()).toMatchObject({ delivered: 7, dropped: { rejected: 3 }, pending: 0 });
    expect((await app.status()).lastError?.message).toContain("too old");
  });

  it("413: requests are split until they fit", async () => {
    const app = await outboxApp();
    app.receiver.respond(({ spans }) => (spans.length > 7 ? { status: 413 } : undefined));
    const names = [...(await app.record(20)), ...(await app.record(1, 40))];
    await app.pass(5 * MINUTE);
    await expectAll(app, names);
    expect(app.receiver.duplicates).toBe(0);
  });

  it("a poisoned batch: the bad spans end up alone, with the reason, and go when the reason is gone", async () => {
    const app = await outboxApp();
    const bad = new Set(["span 13", "span 77", "span 103"]);
    app.receiver.respond(({ spans }) => (spans.some(({ name }) => bad.has(name)) ? { status: 400 } : undefined));
    const names = [...(await app.record(50, 2)), ...(await app.record(1, 30))];
    await app.pass(10 * MINUTE);
    expect(app.arrived()).toHaveLength(names.length - 3);
    expect(app.receiver.duplicates).toBe(0);
    const { failed, texts } = await app.tables();
    expect(texts).toEqual([]);
    expect(failed.map(({ reason }) => reason)).toEqual(Array(3).fill(expect.stringContaining("answered 400")));
    expect(await app.status()).toMatchObject({ failed: 3 });
    app.receiver.respond([]);
    await app.control("retryFailed");
    await app.pass(5 * MINUTE);
    await expectAll(app, names);
  });
});

describe("a drain that dies", () => {
  /** Fails a drain at one of its calls into the database, before or after it took place; once. */
  function dying(at: number, moment: "before" | "after") {
    let calls = 0;
    const dead = new Error("killed");
    const dyingCtx = (ctx: ActionCtx): ActionCtx => ({
      ...ctx,
      runMutation: async (mutation, ...args) => {
        const isNow = ++calls === at;
        if (isNow && moment === "before") throw dead;
        const result = await ctx.runMutation(mutation, ...args);
        if (isNow) throw dead;
        return result;
      },
    });
    const handler = Reflect.get(drain, "_handler") as (ctx: ActionCtx, args: object) => Promise<null>;
    const module = { drain: internalAction({ handler: (ctx, args) => handler(dyingCtx(ctx), args) }) };
    const modules = {
      ...import.meta.glob("../../src/component/**/*.ts"),
      "../../src/component/drain.ts": async () => module,
    };
    return { modules, calls: () => calls };
  }

  // Three batches: the first drain claims, settles, and settles; what is left is no full batch, and the next one claims and settles.
  const LAST_OF_A_DRAIN = [3, 5];
  const steps = [1, 2, 3, 4, 5].flatMap((at) => [[at, "before"] as const, [at, "after"] as const]);
  it.each(steps)(
    "at its call %d, %s it: another takes over when the lease is over",
    async (at, moment) => {
      vi.spyOn(console, "error").mockImplementation(() => undefined);
      const { modules, calls } = dying(at, moment);
      const app = await outboxApp({ install: (t) => t.registerComponent("otel", schema, modules) });
      const names = [...(await app.record(300, 2)), ...(await app.record(300, 2))];
      await app.pass(10 * MINUTE);
      expect(calls()).toBeGreaterThanOrEqual(5);
      await expectAll(app, names);
      expect(app.receiver.duplicates).toBeLessThanOrEqual(BATCH_SPANS);
      const { restarts, resent } = await app.status();
      // After its last call it has nothing left to do.
      expect(restarts).toBe(moment === "after" && LAST_OF_A_DRAIN.includes(at) ? 0 : 1);
      expect(resent).toBeGreaterThanOrEqual(app.receiver.duplicates);
    },
    60_000,
  );
});
