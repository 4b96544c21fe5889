/** The outbox under Convex's own rules: nobody who enqueues has to run again because of another, or of anything that drains. */
import { makeFunctionReference } from "convex/server";
import { defineSchema } from "convex/server";
import { resolve } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import schema from "../../src/component/schema.js";
import { encodeSpans } from "../../src/otlp/index.js";
import { startOtlpReceiver } from "../../src/testing/index.js";
import { conflictsBetween, strictConvex, type StrictCall } from "../../src/testing/strict/index.js";
import { ENVELOPE } from "./outboxApp.js";
import { aSpan } from "./spans.js";

const record = makeFunctionReference<"mutation">("app:record");

afterEach(() => vi.useRealTimers());

/** Calls whose transaction it is: not those inside of one. */
const OWN = ["wake:wake", "claim:claim", "settle:settle", "watch:watch"];

it("no caller conflicts with another caller, or runs again because of the drain", async () => {
  const receiver = await startOtlpReceiver();
  const backend = await strictConvex({
    dir: resolve(import.meta.dirname, "strictApp"),
    schema: defineSchema({}),
    components: {
      otel: {
        dir: resolve(import.meta.dirname, "../../src/component"),
        schema,
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: "20" },
      },
    },
  });
  const { t } = backend;
  for (let n = 0; n < 40; n++) {
    await t.mutation(record, { text: encodeSpans([aSpan(n)], ENVELOPE).text });
    if (n % 8 === 7) await receiver.waitForSpans(n - 6);
  }
  await receiver.waitForSpans(40);
  const callers = backend.callsOf("app:record");
  const drains = OWN.flatMap((path) => backend.callsOf(`otel/${path}`));
  expect(callers).toHaveLength(40);
  expect(new Set(drains.map(({ path }) => path)).size).toBeGreaterThanOrEqual(3);
  const lost = (one: StrictCall, other: StrictCall) =>
    conflictsBetween(one, other).filter(({ reader }) => reader === 0);
  expect(
    callers.flatMap((one) => callers.filter((other) => other !== one).flatMap((other) => lost(one, other))),
  ).toEqual([]);
  expect(callers.flatMap((one) => drains.flatMap((other) => lost(one, other)))).toEqual([]);
  expect(callers.every(({ outcome, attempt }) => outcome === "returned" && attempt === 1)).toBe(true);
  await backend.close();
  await receiver.close();
}, 60_000);
