/** What becomes of recorded spans: attempts, retries, losses, and the program that must not notice. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Diagnostic, Exporter, ExportResult } from "../../../src/index.js";
import { RETRY_MAX_ATTEMPTS } from "../../../src/otlp/retry.js";
import { fns, makeApp } from "./app.js";

const RETRY = { outcome: "retry", texts: ["t"], rejectedSpans: 0, message: "503" } as const;

function appReporting(options = {}) {
  const reports: Diagnostic[] = [];
  return { ...makeApp({ diagnostics: (report) => reports.push(report), ...options }), reports };
}

// Rolled-back mutations print their spans, and convex-test the failures of jobs.
beforeEach(() => {
  for (const method of ["log", "error", "warn"] as const) vi.spyOn(console, method).mockImplementation(() => {});
});

afterEach(() => vi.restoreAllMocks());

describe("delivery", () => {
  it("hands what an action could not send to deliver", async () => {
    vi.useFakeTimers();
    const { t, exporter, reports } = appReporting();
    const limits: (number | undefined)[] = [];
    exporter.respondWith(({ texts, timeoutMs }): ExportResult => {
      limits.push(timeoutMs);
      return limits.length === 1 ? { ...RETRY, texts } : { outcome: "delivered", rejectedSpans: 0 };
    });
    await t.action(fns.work, { step: "x" });
    const jobs = await t.run((ctx) => ctx.db.system.query("_scheduled_functions").collect());
    expect(jobs.at(-1)).toMatchObject({ name: "otel:deliver", args: [{ failures: 1 }] });
    await t.finishAllScheduledFunctions(vi.runAllTimers);
    vi.useRealTimers();
    expect(limits).toContain(1000);
    expect(exporter.spans.map(({ name }) => name)).toContain("think");
    expect(reports).toEqual([]);
  });

  it("passes a remark of the backend on now and then", async () => {
    let draws = 0;
    vi.spyOn(Math, "random").mockImplementation(() => (draws += 0.618033988749895) % 1);
    const { t, exporter, reports } = appReporting();
    exporter.respondWith({ outcome: "delivered", rejectedSpans: 0, message: "be nice" });
    for (let i = 0; i < 60; i++) await t.action(fns.catches, {});
    expect(reports.length).toBeGreaterThan(0);
    expect(reports.length).toBeLessThan(30);
    expect(reports[0]).toMatchObject({ code: "export.remark", level: "warn" });
    vi.restoreAllMocks();
  });

  it("retries with growing pauses by scheduling itself, and gives up loudly", async () => {
    vi.useFakeTimers();
    const { t, exporter, reports } = appReporting();
    const times: number[] = [];
    exporter.respondWith(({ texts }) => {
      times.push(Date.now());
      return { ...RETRY, texts };
    });
    await t.mutation(fns.add, { status: "open" });
    await t.finishAllScheduledFunctions(vi.runAllTimers);
    vi.useRealTimers();
    expect(times).toHaveLength(RETRY_MAX_ATTEMPTS);
    const pauses = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    for (const [i, pause] of pauses.entries()) {
      const expected = Math.min(30 * 60_000, 5_000 * 3 ** i);
      expect(pause).toBeGreaterThanOrEqual(expected * 0.79);
      expect(pause).toBeLessThanOrEqual(expected * 1.21);
    }
    expect(reports).toMatchObject([{ code: "export.gave_up", level: "error", droppedSpans: 2 }]);
  });

  it("honours Retry-After", async () => {
    vi.useFakeTimers();
    const { t, exporter } = appReporting();
    const times: number[] = [];
    exporter.respondWith(({ texts }): ExportResult => {
      times.push(Date.now());
      return times.length === 1
        ? { ...RETRY, texts, retryAfterMs: 120_000 }
        : { outcome: "delivered", rejectedSpans: 0 };
    });
    await t.mutation(fns.add, { status: "open" });
    await t.finishAllScheduledFunctions(vi.runAllTimers);
    vi.useRealTimers();
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(120_000);
  });

  it.each([
    [{ outcome: "rejected", rejectedSpans: 2, message: "401" }, "export.rejected"],
    [{ outcome: "delivered", rejectedSpans: 1, message: "one was bad" }, "export.partial"],
  ] satisfies [ExportResult, string][])(
    "reports what a backend refuses, and does not send it again",
    async (result, code) => {
      const { t, exporter, settle, reports } = appReporting();
      let calls = 0;
      exporter.respondWith(() => (calls++, result));
      await t.mutation(fns.add, { status: "open" });
      await settle();
      expect(calls).toBe(1);
      expect(reports).toMatchObject([{ code, droppedSpans: expect.any(Number) as number }]);
    },
  );

  it("reports a deliver function that is not where it should be, and the mutation commits", async () => {
    const { t, settle, reports } = appReporting({ deliver: "elsewhere:deliver" });
    const id = await t.mutation(fns.add, { status: "open" });
    await settle();
    expect(await t.run((ctx) => ctx.db.query("tasks").collect())).toMatchObject([{ _id: id }]);
    // convex-test finds out only when the job runs; the platform when it is scheduled.
    expect(reports.every(({ code }) => code === "delivery.not_scheduled")).toBe(true);
  });

  it("gives way near the limits of a transaction", async () => {
    const { t, exporter, settle, reports } = appReporting();
    await t.mutation(async (ctx) => {
      await ctx.runMutation(fns.add, { status: "tight" }, { transactionLimits: { functionsScheduled: 1 } });
    });
    await settle();
    expect(await t.run((ctx) => ctx.db.query("tasks").collect())).toHaveLength(1);
    expect(exporter.spans.length === 0 ? reports.map(({ code }) => code) : []).toEqual(["delivery.no_room"]);
  });

  it.each([
    ["rejects", () => Promise.reject(new Error("exporter is broken"))],
    ["throws", () => { throw new Error("exporter is broken"); }], // prettier-ignore
  ])("never lets an exporter that %s reach the program, and tries again", async (_how, broken) => {
    vi.useFakeTimers();
    const delivered: string[] = [];
    let attempts = 0;
    const send: Exporter["send"] = async (texts) => {
      delivered.push(...texts);
      return await Promise.resolve({ outcome: "delivered", rejectedSpans: 0 });
    };
    const exporter: Exporter = {
      name: "broken",
      isConfigured: () => true,
      send: (texts, options) => (++attempts < 3 ? broken() : send(texts, options)),
    };
    const { t, reports } = appReporting({ exporter });
    expect(await t.action(fns.catches, {})).toBe("caught bad inner");
    await t.finishAllScheduledFunctions(vi.runAllTimers);
    vi.useRealTimers();
    expect([attempts, delivered.length, reports]).toEqual([3, 1, []]);
    const jobs = await t.run((ctx) => ctx.db.system.query("_scheduled_functions").collect());
    expect(jobs.map(({ name, state }) => [name, state.kind])).toEqual([
      ["otel:deliver", "success"],
      ["otel:deliver", "success"],
    ]);
  });
});
