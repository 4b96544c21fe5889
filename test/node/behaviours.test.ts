/** One table of behaviours, run against the recorder of Convex calls and against that of servers. */
import { describe, expect, it } from "vitest";
import { startSpan, withSpan } from "../../src/index.js";
import { SCHEMA_URL, SCOPE_NAME, VERSION } from "../../src/semconv/version.js";
import { spanTree } from "../../src/testing/index.js";
import { BEHAVIOURS } from "./behaviours.js";
import { essence, RECORDERS } from "./recorders.js";

describe.each(["convex", "node"] as const)("%s", (where) => {
  const record = RECORDERS[where];

  it.each(BEHAVIOURS)("$what", async ({ run, spans, limits, redact }) => {
    const received = await record(run, { ...(limits && { limits }), ...(redact && { redact }) });
    const below = received
      .filter(({ name }) => name !== "entry")
      .toSorted((a, b) => startOrder(a.startTimeUnixNano, b.startTimeUnixNano));
    expect(below.map(essence)).toEqual(spans);
  });

  it("nests by what is active, and says who recorded", async () => {
    const spans = await record(
      () =>
        withSpan("a", async (a) => {
          await withSpan("b", { kind: "client" }, async () => void (await Promise.resolve()));
          startSpan("c", { parent: a }).end();
        }),
      {},
    );
    expect(spanTree(spans)).toBe(["entry", "└─ a", "   ├─ b [client]", "   └─ c"].join("\n"));
    expect(new Set(spans.map(({ traceFlags }) => traceFlags))).toEqual(new Set([3]));
    expect(spans[0]?.scope).toMatchObject({ name: SCOPE_NAME, version: VERSION, schemaUrl: SCHEMA_URL });
  });

  it.each([
    ["milliseconds", 1_700_000_000_123, "1700000000123000000"],
    ["a Date", new Date(1_700_000_000_123), "1700000000123000000"],
    ["[seconds, nanoseconds]", [1_700_000_000, 5_000_000] as const, "1700000000005000000"],
  ])("takes times as %s", async (_form, time, nanos) => {
    const [span] = await record(() => startSpan("s", { startTime: time }).addEvent("e", {}, time).end(time), {}).then(
      (spans) => spans.filter(({ name }) => name === "s"),
    );
    expect([span?.startTimeUnixNano, span?.endTimeUnixNano]).toEqual([nanos, nanos]);
    expect(span?.events[0]?.time).toBe(Number(BigInt(nanos) / 1_000_000n));
  });

  it.each([Number.NaN, Infinity, "now", {}, [1]])("takes the time %j for now", async (time) => {
    const before = Date.now();
    const spans = await record(() => startSpan("s", { startTime: time as never }).end(time as never), {});
    for (const { startTime, endTime } of spans) {
      expect(startTime).toBeGreaterThan(before - 60_000);
      expect(endTime).toBeGreaterThanOrEqual(startTime);
    }
  });

  it("never ends a span before it started", async () => {
    const spans = await record(() => startSpan("s", { startTime: 1_700_000_000_000 }).end(1_600_000_000_000), {});
    const span = spans.find(({ name }) => name === "s");
    expect(span?.endTimeUnixNano).toBe("1700000000000000000");
  });
});

function startOrder(a: string, b: string): number {
  return Number(BigInt(a) - BigInt(b));
}
