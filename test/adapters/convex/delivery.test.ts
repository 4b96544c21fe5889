/** What becomes of recorded spans: attempts, retries, losses, and the program that must not notice. */
import { describe, expect, it, vi } from "vitest";
import { RETRY_MAX_ATTEMPTS } from "../../../src/otlp/retry.js";
import { fns } from "./apps/functions.js";
import * as apps from "./apps/main.js";
import type { Answer } from "./harness/backend.js";
import { starter } from "./harness/start.js";

const start = starter("main", apps);

/** Answers one after the other, the last one from then on, and notes when. */
function answers(...script: readonly Answer[]) {
  const times: number[] = [];
  const next = (): Answer => {
    times.push(Date.now());
    return script[Math.min(times.length, script.length) - 1] ?? { kind: "accepted" };
  };
  return { times, next };
}

describe("delivery", () => {
  it("hands what an action could not send to deliver", async () => {
    const { t, exporter, told, jobs, runOut } = await start("tellsTimeLimits");
    vi.useFakeTimers();
    const { next } = answers({ kind: "overloaded" }, { kind: "accepted" });
    exporter.respondWith(next);
    await t.action(fns.catches, {});
    expect((await jobs()).at(-1)).toMatchObject({ name: "otel:deliver", args: [{ failures: 1 }] });
    await runOut();
    expect(told("limit")).toEqual([1000, null]);
    expect(exporter.spans.map(({ name }) => name)).toContain("fns:catches");
    expect(told("report")).toEqual([]);
  });

  it("passes a remark of the backend on now and then", async () => {
    let draws = 0;
    // The strict runtime draws its own.
    vi.spyOn(Math, "random").mockImplementation(() => (draws += 0.618033988749895) % 1);
    const { t, exporter, told } = await start("reports");
    exporter.respondWith(() => ({ kind: "accepted", remark: "be nice" }));
    for (let i = 0; i < 60; i++) await t.action(fns.catches, {});
    const reports = told("report");
    expect(reports.length).toBeGreaterThan(0);
    expect(reports.length).toBeLessThan(30);
    expect(reports[0]).toMatchObject({ code: "export.remark", level: "warn" });
  });

  it("retries with growing pauses by scheduling itself, and gives up loudly", async () => {
    const { t, exporter, told, runOut } = await start("reports");
    vi.useFakeTimers();
    const { times, next } = answers({ kind: "overloaded" });
    exporter.respondWith(next);
    await t.mutation(fns.add, { status: "open" });
    await runOut();
    expect(times).toHaveLength(RETRY_MAX_ATTEMPTS);
    const pauses = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    for (const [i, pause] of pauses.entries()) {
      const expected = Math.min(30 * 60_000, 5_000 * 3 ** i);
      expect(pause).toBeGreaterThanOrEqual(expected * 0.79);
      expect(pause).toBeLessThanOrEqual(expected * 1.21);
    }
    expect(told("report")).toMatchObject([{ code: "export.gave_up", level: "error", droppedSpans: 2 }]);
  });

  it("honours Retry-After", async () => {
    const { t, exporter, runOut } = await start("main");
    vi.useFakeTimers();
    const { times, next } = answers({ kind: "overloaded", retryAfterMs: 120_000 }, { kind: "accepted" });
    exporter.respondWith(next);
    await t.mutation(fns.add, { status: "open" });
    await runOut();
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(120_000);
  });

  it.each([
    [{ kind: "refused" }, "export.rejected", 2],
    [{ kind: "accepted", rejectedSpans: 1, remark: "one was bad" }, "export.partial", 1],
  ] satisfies [Answer, string, number][])(
    "reports what a backend refuses, and does not send it again: %o",
    async (answer, code, droppedSpans) => {
      const { t, exporter, settle, told } = await start("reports");
      const { times, next } = answers(answer);
      exporter.respondWith(next);
      await t.mutation(fns.add, { status: "open" });
      await settle();
      expect(times).toHaveLength(1);
      expect(told("report")).toMatchObject([{ code, droppedSpans }]);
    },
  );

  it("reports a deliver function that is not where it should be, and the mutation commits", async () => {
    const { t, settle, told } = await start("reports", { deliver: "elsewhere:deliver" });
    const id = await t.mutation(fns.add, { status: "open" });
    await settle();
    expect(await t.run((ctx) => ctx.db.query("tasks").collect())).toMatchObject([{ _id: id }]);
    // convex-test finds out only when the job runs; the platform when it is scheduled.
    const reports = told("report") as { code: string }[];
    expect(reports.every(({ code }) => code === "delivery.not_scheduled")).toBe(true);
  });

  it("gives way near the limits of a transaction", async () => {
    const { t, settle, told } = await start("reports");
    await t.mutation(fns.tight, {});
    await settle();
    expect(await t.run((ctx) => ctx.db.query("tasks").collect())).toHaveLength(1);
    expect(told("report")).toMatchObject([{ code: "delivery.no_room", droppedSpans: 2 }]);
  });

  it.each(["rejects", "throws"])("never lets an exporter that %s reach the program, and tries again", async (how) => {
    vi.stubEnv("EXPORTER", how);
    const { t, exporter, told, jobs, runOut } = await start("breaks");
    vi.useFakeTimers();
    expect(await t.action(fns.catches, {})).toBe("caught bad plain");
    await runOut((round) => vi.stubEnv("EXPORTER", round === 1 ? how : "works"));
    expect([told("attempt"), exporter.batches.length, told("report")]).toEqual([[1, 1, 1], 1, []]);
    expect((await jobs()).map(({ name, state }) => [name, state.kind])).toEqual([
      ["otel:deliver", "success"],
      ["otel:deliver", "success"],
    ]);
  });
});
