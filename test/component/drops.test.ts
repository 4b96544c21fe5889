/** What the outbox says about drops: one span, after the next batch, until a backend has answered for it, and no word about itself. */
import { describe, expect, it, vi } from "vitest";
import { type ActionCtx, internalAction } from "../../src/component/_generated/server.js";
import { drain } from "../../src/component/drain.js";
import schema from "../../src/component/schema.js";
import { VERSION } from "../../src/semconv/version.js";
import { spanTree, type ReceiverAnswer, type ReceivedRequest } from "../../src/testing/index.js";
import { DROPS, outboxApp } from "./outboxApp.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const ATTRIBUTES = ["dropped_spans", "dropped.age", "dropped.bytes"].map((name) => `convex.telemetry.${name}`);

type App = Awaited<ReturnType<typeof outboxApp>>;

const reportsOf = ({ receiver }: App) => receiver.spans.filter(({ name }) => name === DROPS);
const countsOf = (app: App) => reportsOf(app).map(({ attributes }) => attributes);

/** Drops so many calls of one span each, by hand. */
async function purge(app: App, calls: number): Promise<void> {
  await app.control("pause");
  await app.record(calls);
  await app.pass(1_000);
  await app.control("purge", { what: "pending" });
  await app.control("resume");
  await app.pass(MINUTE);
}

/** An app whose drain is given another ctx. */
function withDrain(change: (ctx: ActionCtx) => ActionCtx): Promise<App> {
  const handler = Reflect.get(drain, "_handler") as (ctx: ActionCtx, args: object) => Promise<null>;
  const changed = internalAction({ handler: (ctx, args) => handler(change(ctx), args) });
  const modules = {
    ...import.meta.glob("../../src/component/**/*.ts"),
    "../../src/component/drain.ts": async () => ({ drain: changed }),
  };
  return outboxApp({ install: (t) => t.registerComponent("otel", schema, modules) });
}

/** An answer for requests with the report alone. */
const toReports =
  (answer: ReceiverAnswer) =>
  ({ spans }: ReceivedRequest): ReceiverAnswer | undefined =>
    spans.some(({ name }) => name === DROPS) ? answer : undefined;

async function sendOne(app: App): Promise<void> {
  await app.record(1);
  await app.pass(MINUTE);
}

describe("a loss is told after the next batch", () => {
  it("by age and by bytes: how many of each, and from when to when", async () => {
    vi.stubEnv("CONVEX_OTEL_OUTBOX_MAX_AGE_HOURS", "0.1");
    vi.stubEnv("CONVEX_OTEL_OUTBOX_MAX_MEGABYTES", "0.05");
    vi.stubEnv("OTEL_RESOURCE_ATTRIBUTES", "service.namespace=shop");
    const app = await outboxApp();
    app.receiver.respond(() => ({ status: 503 }));
    await app.record(300, 2);
    const began = Date.now();
    await app.pass(10 * MINUTE);
    app.receiver.respond([]);
    await app.record(1);
    await app.pass(10 * MINUTE);
    const [report, ...more] = reportsOf(app);
    const { dropped } = await app.status();
    expect(dropped.age + dropped.bytes).toBe(600);
    expect([dropped.age > 0, dropped.bytes > 0]).toEqual([true, true]);
    const counts = ["dropped_spans=600", `dropped.age=${dropped.age}`, `dropped.bytes=${dropped.bytes}`];
    const attributes = counts.map((count) => `convex.telemetry.${count}`).join(" ");
    expect(spanTree(reportsOf(app), { attributes: ATTRIBUTES })).toBe(`telemetry dropped {${attributes}}`);
    expect(more).toEqual([]);
    expect(report).toMatchObject({
      scope: { name: "convex-otel" },
      resource: {
        "service.name": "convex-otel",
        "service.namespace": "shop",
        "convex.component.path": "otel",
        "convex.deployment.name": "test",
      },
      traceFlags: 3,
    });
    // From the first look that found too much, to the batch that went through.
    expect(report?.startTime).toBeGreaterThanOrEqual(began + MINUTE);
    expect(report?.startTime).toBeLessThanOrEqual(began + 3 * MINUTE);
    expect(report?.endTime).toBeGreaterThanOrEqual(began + 10 * MINUTE);
  });

  it("that a backend did not take, though it took the request", async () => {
    const app = await outboxApp();
    app.receiver.respond([{ body: { partialSuccess: { rejectedSpans: "3", errorMessage: "too old" } } }]);
    await app.record(10);
    await app.pass(5 * MINUTE);
    expect(reportsOf(app)).toEqual([]);
    await sendOne(app);
    expect(countsOf(app)).toEqual([{ "convex.telemetry.dropped_spans": 3, "convex.telemetry.dropped.rejected": 3 }]);
  });

  it("that a backend refused, and that was set aside", async () => {
    const app = await outboxApp();
    const bad = new Set(["span 3", "span 7"]);
    app.receiver.respond(({ spans }) => (spans.some(({ name }) => bad.has(name)) ? { status: 400 } : undefined));
    await app.record(10);
    await app.pass(5 * MINUTE);
    await sendOne(app);
    expect(countsOf(app)).toEqual([{ "convex.telemetry.dropped_spans": 2, "convex.telemetry.dropped.refused": 2 }]);
    expect(await app.status()).toMatchObject({ failed: 2, dropped: { refused: 2 }, delivered: 9 });
  });

  it("each loss once, in the report after it", async () => {
    const app = await outboxApp();
    await purge(app, 5);
    await sendOne(app);
    await purge(app, 7);
    await sendOne(app);
    await sendOne(app);
    expect(countsOf(app)).toEqual(
      [5, 7].map((spans) => ({ "convex.telemetry.dropped_spans": spans, "convex.telemetry.dropped.purged": spans })),
    );
    const [one, other] = reportsOf(app);
    expect(one?.traceId).not.toBe(other?.traceId);
    expect(other?.startTime).toBeGreaterThanOrEqual(one?.endTime ?? Infinity);
  });
});

it("nothing is said while nothing is dropped", async () => {
  const app = await outboxApp();
  app.receiver.respond([{ status: 503 }, { fault: "reset" }, { status: 413 }]);
  await app.record(40);
  await app.pass(HOUR);
  await sendOne(app);
  expect([reportsOf(app), (await app.tables()).runner?.told.untoldSince]).toEqual([[], 0]);
});

it("is told by backends that tell nothing about themselves", async () => {
  const app = await withDrain(({ meta: _, ...ctx }) => ctx as ActionCtx);
  await purge(app, 5);
  await sendOne(app);
  expect(reportsOf(app).map(({ resource }) => resource)).toEqual([
    {
      "service.name": "convex-otel",
      "telemetry.sdk.name": "convex-otel",
      "telemetry.sdk.version": VERSION,
      "telemetry.sdk.language": "webjs",
    },
  ]);
});

it("takes no call of its own, and no document", async () => {
  const costOf = async (calls: number) => {
    const app = await outboxApp();
    await purge(app, calls);
    const before = (await app.jobs()).length;
    await sendOne(app);
    await app.pass(5 * MINUTE);
    const { texts, failed } = await app.tables();
    return { jobs: (await app.jobs()).length - before, texts, failed, reports: reportsOf(app).length };
  };
  const without = await costOf(0);
  expect(await costOf(5)).toEqual({ ...without, reports: 1 });
  expect(without).toMatchObject({ texts: [], failed: [], reports: 0 });
});

describe("until a backend has answered for it", () => {
  it("is sent again, as the same span, marked and counted", async () => {
    const app = await outboxApp();
    await purge(app, 5);
    app.receiver.respond(toReports({ fault: "reset", accept: true }));
    await sendOne(app);
    app.receiver.respond([]);
    await sendOne(app);
    await sendOne(app);
    const [first, second, ...more] = reportsOf(app);
    expect(second).toMatchObject({
      spanId: first?.spanId,
      traceId: first?.traceId,
      endTime: first?.endTime,
      attributes: { "convex.telemetry.dropped_spans": 5, "convex.telemetry.resend": true },
    });
    expect([more, app.receiver.duplicates, (await app.status()).resent]).toEqual([[], 1, 1]);
  });

  it("what is dropped meanwhile is in another one", async () => {
    const app = await outboxApp();
    await purge(app, 5);
    app.receiver.respond(toReports({ status: 503 }));
    await sendOne(app);
    await purge(app, 6);
    app.receiver.respond([]);
    await sendOne(app);
    await sendOne(app);
    await sendOne(app);
    expect(countsOf(app).map((counts) => counts["convex.telemetry.dropped_spans"])).toEqual([5, 6]);
  });

  it("waits while the backend is down", async () => {
    const app = await outboxApp();
    await purge(app, 5);
    app.receiver.respond(() => ({ status: 503 }));
    await app.record(1);
    await app.pass(30 * MINUTE);
    expect(reportsOf(app)).toEqual([]);
    app.receiver.respond([]);
    await app.pass(10 * MINUTE);
    expect(reportsOf(app)).toHaveLength(1);
    expect(app.receiver.duplicates).toBe(0);
  });

  it("a drain that dies after it has sent it: another one sends it again", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    let dies = false;
    const app = await withDrain((ctx) => ({
      ...ctx,
      runMutation: async (mutation, ...given) => {
        if (dies && "report" in (given[0] ?? {})) throw new Error("killed");
        return ctx.runMutation(mutation, ...given);
      },
    }));
    await purge(app, 5);
    dies = true;
    await app.record(1);
    await app.pass(10_000);
    dies = false;
    await app.pass(5 * MINUTE);
    const [first, second, ...more] = reportsOf(app);
    expect(second).toMatchObject({ spanId: first?.spanId, attributes: { "convex.telemetry.resend": true } });
    expect([more, app.receiver.duplicates, (await app.status()).resent]).toEqual([[], 2, 2]);
  });

  it.each([
    ["refuses it", { status: 400 }],
    ["takes the request, and not the span", { body: { partialSuccess: { rejectedSpans: "1" } } }],
  ] as [string, ReceiverAnswer][])("a backend that %s is told nothing about that", async (_what, answer) => {
    const app = await outboxApp();
    await purge(app, 5);
    const sent: number[] = [];
    app.receiver.respond((request) => {
      const reply = toReports(answer)(request);
      if (reply !== undefined) sent.push(request.spans.length);
      return reply;
    });
    for (let i = 0; i < 4; i++) await sendOne(app);
    expect(sent).toEqual([1]);
    const { dropped, delivered, failed } = await app.status();
    expect([dropped, delivered, failed]).toEqual([{ age: 0, bytes: 0, rejected: 0, refused: 0, purged: 5 }, 4, 0]);
  });
});
