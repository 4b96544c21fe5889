/** What the outbox makes of single answers. That nothing is lost, whatever goes wrong, is in `faults.test.ts`. */
import { describe, expect, it } from "vitest";
import { outboxApp } from "./outboxApp.js";

const MINUTE = 60_000;

type App = Awaited<ReturnType<typeof outboxApp>>;

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

describe("a backend that answers", () => {
  it("429: Retry-After is never undercut", async () => {
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
