/** What becomes of recorded spans: attempts, retries, losses, and the program that must not notice. */
import { describe, expect, it, vi } from "vitest";
import type { Diagnostic, ExportResult } from "../../../src/index.js";
import { RETRY_MAX_ATTEMPTS } from "../../../src/otlp/retry.js";
import { fns, makeApp } from "./app.js";

const RETRY = { outcome: "retry", texts: ["t"], rejectedSpans: 0, message: "503" } as const;

function appReporting(options = {}) {
  const reports: Diagnostic[] = [];
  return { ...makeApp({ diagnostics: (report) => reports.push(report), ...options }), reports };
}

describe("delivery", () => {
  it("hands what an action could not send to deliver", async () => {
    const { t, exporter, settle, reports } = appReporting();
    let calls = 0;
    exporter.respondWith(({ texts }): ExportResult => {
      return calls++ === 0 ? { ...RETRY, texts } : { outcome: "delivered", rejectedSpans: 0 };
    });
    expect(await t.action(fns.catches, {}).catch(() => "")).toBe("caught bad inner");
    const [job] = await t.run((ctx) => ctx.db.system.query("_scheduled_functions").collect());
    expect(job?.name).toBe("otel:deliver");
    expect(job?.args).toMatchObject([{ failures: 1 }]);
    await settle();
    expect(calls).toBe(2);
    expect(reports).toEqual([]);
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

  it("never lets an exporter that throws reach the program", async () => {
    const { t, exporter, settle, reports } = appReporting();
    exporter.respondWith(() => {
      throw new Error("exporter is broken");
    });
    expect(await t.action(fns.catches, {})).toBe("caught bad inner");
    await settle();
    expect(reports.map(({ code }) => code)).toEqual(["call.not_recorded"]);
  });
});
