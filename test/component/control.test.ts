/** What people do with an outbox, what is dropped when nothing can be delivered, and what is never written down. */
import { describe, expect, it, vi } from "vitest";
import { pauseMs } from "../../src/component/breaker.js";
import { WATCH_MS } from "../../src/component/limits.js";
import { markResent } from "../../src/component/resent.js";
import { encodeSpans, joinTexts } from "../../src/otlp/index.js";
import { decodeOtlp, type ReceiverAnswer } from "../../src/testing/index.js";
import { ENVELOPE, outboxApp } from "./outboxApp.js";
import { aSpan } from "./spans.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("pause and resume", () => {
  it("sends nothing while paused, takes what comes, and sends it after", async () => {
    const { record, control, pass, receiver, status } = await outboxApp();
    const names = await record(3);
    await control("pause");
    names.push(...(await record(3)));
    await pass(HOUR);
    expect(receiver.requests).toEqual([]);
    expect(await status()).toMatchObject({ state: "paused", pending: 6, oldestAgeMs: HOUR });
    await control("resume");
    await pass(MINUTE);
    expect(receiver.spans.map(({ name }) => name)).toEqual(names);
    expect((await status()).state).toBe("idle");
  });

  it("runs nothing while paused and empty", async () => {
    const { control, pass, jobs } = await outboxApp();
    await control("pause");
    await pass(HOUR);
    const before = (await jobs()).length;
    await pass(24 * HOUR);
    expect((await jobs()).length).toBe(before);
  });

  it("after a pause the watchdog looks as soon as ever", async () => {
    const { record, control, tables } = await outboxApp();
    await control("pause");
    await record(1);
    await control("resume");
    expect((await tables()).runner?.watchAt).toBe(Date.now() + WATCH_MS);
  });

  it("resume does not wait for the breaker", async () => {
    const { record, control, pass, receiver } = await outboxApp();
    receiver.respond([{ status: 503, headers: { "retry-after": "3600" } }]);
    await record(1);
    await pass(MINUTE);
    await control("resume");
    await pass(MINUTE);
    expect(receiver.spans).toHaveLength(1);
  });
});

describe("what may come twice is counted, and nothing else is:", () => {
  /** Pauses while a request is on its way, which is then answered. */
  async function pauseWhileSending(answer: ReceiverAnswer) {
    const app = await outboxApp();
    await app.record(3);
    let paused: Promise<unknown> | undefined;
    app.receiver.respond(async () => {
      paused = app.control("pause");
      await paused;
      return answer;
    });
    await app.pass(MINUTE);
    app.receiver.respond([]);
    await paused;
    await app.control("resume");
    await app.pass(5 * MINUTE);
    const { resent, pending } = await app.status();
    return { copies: app.receiver.duplicates, resent, pending };
  }

  it("a pause while something is sent, and taken", async () => {
    expect(await pauseWhileSending({})).toEqual({ copies: 0, resent: 0, pending: 0 });
  });

  it("a pause while something is sent, and its answer gets lost", async () => {
    expect(await pauseWhileSending({ fault: "reset", accept: true })).toEqual({ copies: 3, resent: 3, pending: 0 });
  });

  it("a batch that is split, of which a part has no answer", async () => {
    const { record, pass, receiver, status } = await outboxApp();
    let requests = 0;
    receiver.respond(({ spans }) => {
      if (spans.length > 10) return { status: 413 };
      return ++requests === 3 ? { fault: "reset", accept: true } : undefined;
    });
    await record(40);
    await pass(10 * MINUTE);
    expect([receiver.duplicates, (await status()).resent, (await status()).pending]).toEqual([10, 10, 0]);
  });
});

describe("purge", () => {
  it("throws away what waits, counts it, and leaves what comes later", async () => {
    const { record, control, pass, arrived, status } = await outboxApp();
    await control("pause");
    await record(450, 2);
    await pass(1_000);
    expect(await control("purge", { what: "pending" })).toBe(200);
    await pass(MINUTE);
    const later = await record(2);
    expect(await status()).toMatchObject({ pending: 2, dropped: { purged: 900 } });
    await control("resume");
    await pass(MINUTE);
    expect(arrived()).toEqual(later);
  });

  it("throws away what was set aside", async () => {
    const { record, control, pass, receiver, status } = await outboxApp();
    receiver.respond(() => ({ status: 400 }));
    await record(3);
    await pass(5 * MINUTE);
    expect(await status()).toMatchObject({ failed: 3, pending: 0 });
    await control("purge", { what: "failed" });
    expect(await status()).toMatchObject({ failed: 0, dropped: { purged: 0 } });
  });
});

describe("retention", () => {
  it("drops by age, oldest first, and counts", async () => {
    vi.stubEnv("CONVEX_OTEL_OUTBOX_MAX_AGE_HOURS", "2");
    const { record, pass, receiver, arrived, status } = await outboxApp();
    receiver.respond(() => ({ status: 503 }));
    await record(300, 2);
    await pass(HOUR + 30 * MINUTE);
    const young = await record(5);
    await pass(HOUR);
    expect(await status()).toMatchObject({ pending: 5, dropped: { age: 600, bytes: 0 } });
    receiver.respond([]);
    await pass(30 * MINUTE);
    expect(arrived()).toEqual(young);
  });

  it("drops by bytes, oldest first, down to the limit", async () => {
    vi.stubEnv("CONVEX_OTEL_OUTBOX_MAX_MEGABYTES", "0.1");
    const { record, pass, receiver, arrived, status } = await outboxApp();
    receiver.respond(() => ({ status: 503 }));
    const names = await record(600, 1);
    await pass(10 * MINUTE);
    const { pending, pendingBytes, dropped } = await status();
    expect(pendingBytes).toBeLessThanOrEqual(100_000);
    expect(pendingBytes).toBeGreaterThan(90_000);
    expect(pending + dropped.bytes).toBe(600);
    receiver.respond([]);
    await pass(30 * MINUTE);
    expect(arrived()).toEqual(names.slice(-pending));
  });

  it("goes on while paused", async () => {
    const { record, control, pass, status } = await outboxApp();
    await control("pause");
    await record(3);
    await pass(25 * HOUR);
    expect(await status()).toMatchObject({ pending: 0, dropped: { age: 3 } });
  });
});

it("counts bytes as they are sent, whatever the language", async () => {
  const { enqueue, status, tables, control, pass } = await outboxApp();
  await control("pause");
  const texts = Array.from({ length: 120 }, (_, n) => encodeSpans([aSpan(n, "日本語 Grüße 🚀")], ENVELOPE).text);
  const bytes = (some: readonly string[]) => some.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  await enqueue(texts.slice(0, 50));
  expect((await status()).pendingBytes).toBe(bytes(texts.slice(0, 50)));
  await enqueue(texts.slice(50));
  // More than are counted one by one: what the watchdog has measured.
  await pass(HOUR);
  expect((await tables()).runner?.measured.bytes).toBe(bytes(texts));
  expect((await status()).pendingBytes).toBe(bytes(texts));
  // Room for the newer half.
  vi.stubEnv("CONVEX_OTEL_OUTBOX_MAX_MEGABYTES", String(bytes(texts.slice(60)) / 1_000_000));
  await pass(11 * MINUTE);
  expect(await status()).toMatchObject({ pending: 60, dropped: { bytes: 60 }, pendingBytes: bytes(texts.slice(60)) });
});

describe("settings", () => {
  it("takes nothing without an endpoint", async () => {
    const { enqueue, tables, jobs } = await outboxApp();
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", " ");
    await expect(enqueue(["{}"])).rejects.toThrow("bind OTEL_EXPORTER_OTLP_ENDPOINT");
    expect([await jobs(), (await tables()).texts]).toEqual([[], []]);
  });

  it("sends keys from its variables, and writes them nowhere", async () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=se%63ret");
    const { record, pass, receiver, tables, jobs, status } = await outboxApp();
    receiver.respond([{ status: 401 }, { status: 503 }]);
    await record(2);
    await pass(MINUTE);
    expect(receiver.requests.map(({ headers }) => headers["x-key"])).toEqual(["secret", "secret", "secret"]);
    expect(JSON.stringify([await tables(), await jobs(), await status()])).not.toMatch(/secret|se%63ret/);
  });

  it("keeps what waits when the endpoint is taken away, and says why", async () => {
    const { record, pass, receiver, status } = await outboxApp();
    await record(2);
    const endpoint = receiver.url;
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", "");
    await pass(MINUTE);
    expect((await status()).lastError?.message).toContain("OTEL_EXPORTER_OTLP_ENDPOINT");
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
    await pass(10 * MINUTE);
    expect(receiver.spans).toHaveLength(2);
  });

  it("collects for as long as OTEL_BSP_SCHEDULE_DELAY says", async () => {
    vi.stubEnv("OTEL_BSP_SCHEDULE_DELAY", "500");
    const { record, pass, receiver } = await outboxApp();
    await record(1);
    await pass(400);
    expect(receiver.requests).toEqual([]);
    await pass(200);
    expect(receiver.requests).toHaveLength(1);
  });
});

describe("the breaker", () => {
  it("pauses longer and longer, up to five minutes, and believes Retry-After up to an hour", () => {
    const within = (failures: number, least: number, most: number, retryAfterMs?: number) => {
      for (let i = 0; i < 200; i++) {
        const pause = pauseMs(failures, retryAfterMs);
        expect(pause).toBeGreaterThanOrEqual(least);
        expect(pause).toBeLessThanOrEqual(most);
      }
    };
    within(1, 4_000, 6_000);
    within(3, 36_000, 54_000);
    within(50, 270_000, 300_000);
    within(1, 120_000, 120_000, 120_000);
    within(1, HOUR, HOUR, 48 * HOUR);
  });
});

describe("the mark of a text that was sent before", () => {
  it.each([
    ["with attributes", { "a.b": '\\"endTimeUnixNano":"1","attributes":[' }],
    ["without", {}],
  ])("is on the first span, %s", (_what, attributes) => {
    const spans = [{ ...aSpan(0), attributes }, aSpan(1)];
    const marked = decodeOtlp(joinTexts([markResent(encodeSpans(spans, ENVELOPE).text)]));
    expect(marked.map((span) => span.attributes)).toEqual([
      { ...attributes, "convex.telemetry.resend": true },
      { "test.number": 1 },
    ]);
  });

  it("leaves what is no text of ours as it is", () => {
    expect(markResent("{}")).toBe("{}");
  });
});
