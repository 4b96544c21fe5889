/**
 * Attempts that are lost to conflicts, of users and of each transaction of the outbox: nothing that was committed is lost, what was not
 * leaves nothing, and what comes twice is counted. Also where Convex gives up: after five attempts of what an action calls.
 */
import { expect, it, describe, vi } from "vitest";
import { openJobs, strictApp, type StrictApp, wrongCalls } from "./strictApp.js";

const MINUTE = 60_000;
const GIVES_UP = 5;

/** Names of spans that must arrive, database spans apart: what ran and was committed, whatever was lost on the way. */
const calls = (app: StrictApp) => app.names().filter((name) => !name.endsWith("things"));

/** Work in two rounds, so that the outbox is woken twice and comes to rest twice. */
async function work(app: StrictApp): Promise<string[]> {
  await app.mutation("add", "a");
  await app.mutation("plan", "b");
  await app.pass(5 * MINUTE);
  await app.action("work", "c");
  await app.mutation("add", "d");
  await app.pass(10 * MINUTE);
  // The calls of an action are spans by themselves.
  const ofAction = ["app:work", "app:add", "app:add", "app:later", "app:later"];
  return ["app:add", "app:plan", "schedule app:later", "process app:later", ...ofAction, "app:add"].sort();
}

async function expectAll(app: StrictApp, names: readonly string[]): Promise<void> {
  const unique = new Map(app.receiver.spans.map((span) => [span.spanId, span.name]));
  expect([...unique.values()].filter((name) => !name.endsWith("things")).sort()).toEqual(names);
  const { texts, failed, runner } = await app.tables();
  expect([texts, failed, runner?.status, await openJobs(app)]).toEqual([[], [], "idle", []]);
  expect(app.receiver.duplicates).toBeLessThanOrEqual(runner?.resent ?? 0);
}

const lostOf = (app: StrictApp, path: string): number =>
  app.callsOf(path).filter(({ outcome }) => outcome === "conflict").length;

describe("of users", () => {
  it.each(["app:add", "app:plan", "app:later", "otel/enqueue:enqueue"])("%s", async (path) => {
    const app = await strictApp();
    // `enqueue` is a transaction of its own where an action calls it.
    app.conflict(path, 3);
    const names = await work(app);
    expect(lostOf(app, path)).toBe(3);
    await expectAll(app, names);
    expect([calls(app), app.receiver.duplicates]).toEqual([names, 0]);
    expect(wrongCalls(app.calls)).toEqual([]);
  });

  it("a mutation that Convex gives up leaves nothing", async () => {
    const app = await strictApp();
    app.conflict("app:twice", GIVES_UP);
    await expect(app.mutation("twice", "a")).rejects.toThrow("Documents read from or written to");
    expect([(await app.tables()).texts, await openJobs(app)]).toEqual([[], []]);
  });
});

describe("of the outbox", () => {
  const transactions = ["wake:wake", "claim:claim", "settle:settle", "watch:watch"];
  const cases = transactions.flatMap((path) => [1, 4, GIVES_UP].map((attempts) => [path, attempts] as const));
  it.each(cases)("%s, %d of them", async (path, attempts) => {
    // convex-test prints what its jobs throw.
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const app = await strictApp();
    app.conflict(`otel/${path}`, attempts);
    const names = await work(app);
    expect(lostOf(app, `otel/${path}`)).toBe(attempts);
    await expectAll(app, names);
    const { runner } = await app.tables();
    // What a drain calls is given up, and the drain with it; jobs go on without end.
    const dies = attempts === GIVES_UP && ["claim:claim", "settle:settle"].includes(path);
    expect([runner?.restarts, app.callsOf("otel/drain:drain").some(({ outcome }) => outcome === "threw")]).toEqual([
      dies ? 1 : 0,
      dies,
    ]);
    // It had sent what it could not settle: those came twice.
    const isSent = dies && path === "settle:settle";
    expect(app.receiver.duplicates).toBe(isSent ? runner?.resent : 0);
    expect(app.receiver.duplicates > 0).toBe(isSent);
  });

  it("all of them at once", async () => {
    const app = await strictApp();
    for (const path of transactions) app.conflict(`otel/${path}`, 2);
    app.conflict("app:add", 2);
    const names = await work(app);
    await expectAll(app, names);
    expect(app.receiver.duplicates).toBe(0);
  });
});
