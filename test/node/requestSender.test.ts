/** What becomes of finished requests, on real connections: the receiver checks strictly what it gets, and fails as it is told. */
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Diagnostic } from "../../src/core/ports.js";
import { batchSettings } from "../../src/node/batchSettings.js";
import { RequestSender, requestSender, type RequestSenderParts } from "../../src/node/requestSender.js";
import { type RetryPace, SDK_PACE } from "../../src/node/retriedPost.js";
import { isPresetExporter } from "../../src/otlp/exporterSettings.js";
import { fetchExchange } from "../../src/otlp/fetchExchange.js";
import { honeycomb, newrelic, otlp } from "../../src/otlp/index.js";
import type { EncodedRequest } from "../../src/otlp/protobuf/halveRequest.js";
import { SpanBatch } from "../../src/otlp/protobuf/spanBatch.js";
import { type OtlpReceiver, startOtlpReceiver } from "../../src/testing/index.js";
import { startLoopback } from "../otlp/loopback.js";
import { resource, spans } from "../otlp/spans.js";

/** So that a test takes milliseconds. */
const QUICK: RetryPace = { ...SDK_PACE, firstMs: 5, longestMs: 20 };

const NOW = Date.UTC(2026, 0, 1, 12);

let receiver: OtlpReceiver;
beforeEach(async () => {
  receiver = await startOtlpReceiver();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await receiver.close();
});

function request(count: number): EncodedRequest {
  const batch = new SpanBatch(resource);
  for (const span of spans(count)) batch.add(span);
  return { spanCount: batch.spanCount, bytes: batch.finish() };
}

interface Change extends Omit<Partial<RequestSenderParts>, "settings"> {
  readonly settings?: Partial<RequestSenderParts["settings"]>;
}

function sender({ settings, ...change }: Change = {}): RequestSender {
  return new RequestSender({
    name: "jaeger",
    settings: {
      url: receiver.tracesUrl,
      headers: { "x-team": "secret-team-key" },
      timeoutMs: 5_000,
      compression: "none",
      ...settings,
    },
    maxRequestBytes: 900_000,
    batch: { timeoutMs: 30_000 },
    pace: QUICK,
    now: () => NOW,
    random: () => 0.5,
    ...change,
  });
}

const host = () => new URL(receiver.url).host;
const statuses = () => receiver.requests.map(({ status }) => status);

describe("RequestSender: what is sent", () => {
  it("is one POST of protobuf with the user's headers and a User-Agent", async () => {
    const sent = request(3);
    expect(await sender().send(sent)).toEqual({ outcome: "delivered", rejectedSpans: 0 });
    expect(receiver.requests).toMatchObject([
      {
        method: "POST",
        path: "/v1/traces",
        bytes: sent.bytes.length,
        headers: {
          "content-type": "application/x-protobuf",
          "x-team": "secret-team-key",
          "user-agent": "convex-otel/0.1.0 OTel-OTLP-Exporter-JavaScript/0.1.0",
        },
      },
    ]);
    expect(receiver.spans.map(({ name }) => name)).toEqual(["span 0", "span 1", "span 2"]);
  });

  it("is packed with gzip when asked for", async () => {
    const sent = request(100);
    await sender({ settings: { compression: "gzip" } }).send(sent);
    expect(receiver.requests[0]?.headers["content-encoding"]).toBe("gzip");
    expect(receiver.requests[0]?.bytes).toBeLessThan(gzipSync(sent.bytes).length * 1.1);
    expect(receiver.spans).toHaveLength(100);
  });

  it("goes over connections that are kept, request after request", async () => {
    const ports = new Set<number | undefined>();
    const server = createServer((incoming, response) => {
      ports.add(incoming.socket.remotePort);
      incoming.resume().on("end", () => response.end());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/v1/traces`;
    const out = sender({ settings: { url } });
    for (let turn = 0; turn < 10; turn++) expect(await out.send(request(1))).toMatchObject({ outcome: "delivered" });
    server.closeAllConnections();
    server.close();
    // A request that comes at once after another may find its connection not free yet.
    expect(ports.size).toBeLessThan(5);
  });

  it("is nothing without spans", async () => {
    expect(await sender().send(request(0))).toEqual({ outcome: "delivered", rejectedSpans: 0 });
    expect(receiver.requests).toHaveLength(0);
  });

  it("is nothing if a header is not valid", async () => {
    const out = sender({ settings: { headers: { "x-team": "a\nb: c" } } });
    const message = `${host()} was not asked: a header is not valid`;
    expect(await out.send(request(1))).toEqual({ outcome: "failed", message });
    expect(receiver.requests).toHaveLength(0);
  });

  it("is nothing without an endpoint", async () => {
    const message = "jaeger has no usable endpoint; set OTEL_EXPORTER_OTLP_ENDPOINT or the endpoint option";
    expect(await sender({ settings: { url: undefined } }).send(request(1))).toEqual({ outcome: "failed", message });
  });
});

describe("RequestSender: answers", () => {
  it.each([
    ["some spans", { rejectedSpans: "2", errorMessage: "too öld" }, 2, "HOST: too öld"],
    ["spans without a reason", { rejectedSpans: "1" }, 1, "HOST rejected spans without saying why"],
    ["more spans than there were", { rejectedSpans: "99", errorMessage: "x" }, 3, "HOST: x"],
    ["no span, with a warning", { errorMessage: "soon gone" }, 0, "HOST: soon gone"],
  ])("a partial success that rejects %s is final", async (_, partialSuccess, rejectedSpans, message) => {
    receiver.respond([{ body: { partialSuccess } }]);
    const expected = { outcome: "delivered", rejectedSpans, message: message.replace("HOST", host()) };
    expect(await sender().send(request(3))).toEqual(expected);
    expect(statuses()).toEqual([200]);
  });

  it("is read as JSON where it says so, whatever was sent", async () => {
    const headers = { "content-type": "application/json; charset=utf-8" };
    receiver.respond([
      { headers, body: JSON.stringify({ partialSuccess: { rejectedSpans: "1", errorMessage: "old" } }) },
      { headers, status: 400, body: JSON.stringify({ message: "no such thing" }) },
    ]);
    const out = sender();
    expect(await out.send(request(3))).toMatchObject({ rejectedSpans: 1, message: `${host()}: old` });
    expect(await out.send(request(3))).toMatchObject({ message: `${host()} answered 400: no such thing` });
  });

  it.each([400, 401, 403, 404, 405, 415, 500, 501])("%d is final, with the reason", async (status) => {
    receiver.respond([{ status, body: { code: 3, message: "key secret-team-key is bad" } }]);
    const message = `${host()} answered ${status}: key [hidden] is bad`;
    expect(await sender().send(request(3))).toEqual({ outcome: "failed", message });
    expect(statuses()).toEqual([status]);
  });

  it("of plain text says nothing but its status", async () => {
    receiver.respond([{ status: 404, headers: { "content-type": "text/plain" }, body: "404 page not found" }]);
    expect(await sender().send(request(1))).toEqual({ outcome: "failed", message: `${host()} answered 404` });
  });
});

describe("RequestSender: another attempt", () => {
  it.each([429, 502, 503, 504])("follows %d", async (status) => {
    receiver.respond([{ status }, { status }]);
    expect(await sender().send(request(2))).toEqual({ outcome: "delivered", rejectedSpans: 0 });
    expect(statuses()).toEqual([status, status, 200]);
    expect(receiver.duplicates).toBe(0);
  });

  it("follows a reset connection", async () => {
    receiver.respond([{ fault: "reset" }, { fault: "reset" }]);
    expect(await sender().send(request(2))).toEqual({ outcome: "delivered", rejectedSpans: 0 });
    expect(receiver.spans).toHaveLength(2);
  });

  it("is made five times, and then no more", async () => {
    receiver.respond(() => ({ status: 503, body: { message: "busy" } }));
    const message = `${host()} answered 503: busy; given up after 6 attempts`;
    expect(await sender().send(request(2))).toEqual({ outcome: "failed", message });
    expect(statuses()).toHaveLength(6);
  });

  it("comes after pauses that grow, of which a part is random", async () => {
    receiver.respond(() => ({ status: 503 }));
    const randoms = [0, 0.5, 0.999999, 0.5, 0.5];
    const timers = vi.spyOn(globalThis, "setTimeout");
    const pace = { firstMs: 10, factor: 2, longestMs: 70, jitter: 0.2, retries: 5 };
    await sender({ pace, random: () => randoms.shift() ?? 0 }).send(request(1));
    // The deadlines of the attempts are longer.
    const pauses = timers.mock.calls.map(([, ms]) => ms ?? 0).filter((ms) => ms >= 8 && ms <= 100);
    expect(pauses.map((ms) => Math.round(ms))).toEqual([8, 20, 48, 70, 70]);
  });

  it("has the pace of the SDK's exporter", () => {
    expect(SDK_PACE).toEqual({ firstMs: 1_000, factor: 1.5, longestMs: 5_000, jitter: 0.2, retries: 5 });
  });

  it.each([
    ["a date", "Thu, 01 Jan 2026 12:00:00 GMT", NOW - 60, 60],
    ["seconds", "1", NOW, 1_000],
  ])("waits for as long as Retry-After says, as %s", async (_, header, now, leastMs) => {
    receiver.respond([{ status: 429, headers: { "retry-after": header } }]);
    const started = performance.now();
    expect(await sender({ now: () => now }).send(request(1))).toMatchObject({ outcome: "delivered" });
    // Timers are whole milliseconds of another clock.
    expect(performance.now() - started).toBeGreaterThan(leastMs - 2);
  });

  it("is not made where Retry-After says later than there is time", async () => {
    receiver.respond([{ status: 503, headers: { "retry-after": "3600" } }]);
    const message = `${host()} answered 503: scripted answer 503; given up for lack of time`;
    expect(await sender().send(request(1))).toEqual({ outcome: "failed", message });
    expect(statuses()).toEqual([503]);
  });

  it.each([
    ["the exporter's", 80, 30_000],
    ["the batch's", 30_000, 80],
  ])("ends with the shorter of two limits: %s", async (_, timeoutMs, batchTimeoutMs) => {
    receiver.respond(() => ({ status: 503 }));
    const pace = { ...QUICK, retries: 1_000 };
    const out = sender({ pace, settings: { timeoutMs }, batch: { timeoutMs: batchTimeoutMs } });
    const result = await out.send(request(1));
    expect(result).toMatchObject({ outcome: "failed", message: expect.stringContaining("given up for lack of time") as string }); // prettier-ignore
    expect(statuses().length).toBeLessThan(30);
  });
});

describe("RequestSender: no answer", () => {
  it("gives up at the limit where nobody answers", async () => {
    receiver.respond([{ fault: "hang" }]);
    const result = await sender({ settings: { timeoutMs: 60 } }).send(request(1));
    expect(result).toMatchObject({ outcome: "failed", message: expect.stringMatching(/^no answer from .* in 60 ms; given up for lack of time$/) as string }); // prettier-ignore
  });

  it("gives up after its attempts where nobody listens", async () => {
    const closed = await startLoopback();
    await closed.close();
    const result = await sender({ settings: { url: closed.url } }).send(request(1));
    expect(result).toMatchObject({ outcome: "failed", message: expect.stringMatching(/\(ECONNREFUSED\).*; given up after 6 attempts$/) as string }); // prettier-ignore
  });

  it("never rejects, whatever fetch does", async () => {
    const fetch = () => {
      throw new Error("https://user:password@host");
    };
    const result = await sender({ exchange: fetchExchange(fetch) }).send(request(1));
    expect(result).toMatchObject({ outcome: "failed", message: expect.not.stringContaining("password") as string });
    const broken = new Proxy({}, { get: () => { throw new Error("no response"); } }) as Response; // prettier-ignore
    expect(await sender({ exchange: fetchExchange(() => Promise.resolve(broken)) }).send(request(1))).toMatchObject({
      outcome: "failed",
    });
  });
});

describe("RequestSender: 413", () => {
  it("halves the request", async () => {
    receiver.respond([{ status: 413 }]);
    expect(await sender().send(request(5))).toEqual({ outcome: "delivered", rejectedSpans: 0 });
    expect(receiver.requests.map(({ status, spans: sent }) => [status, sent.length])).toEqual([[413, 5], [200, 3], [200, 2]]); // prettier-ignore
    expect(receiver.spans.map(({ name }) => name)).toEqual([0, 1, 2, 3, 4].map((index) => `span ${index}`));
  });

  it("halves twice, and counts what is still too large", async () => {
    receiver.respond(({ spans: sent }) => (sent.some(({ name }) => name === "span 0") ? { status: 413 } : undefined));
    const message = `${host()} answered 413: scripted answer 413`;
    expect(await sender().send(request(8))).toEqual({ outcome: "delivered", rejectedSpans: 2, message });
    expect(receiver.requests.map(({ status, spans: sent }) => [status, sent.length])).toEqual([[413, 8], [413, 4], [413, 2], [200, 2], [200, 4]]); // prettier-ignore
  });

  it("fails where nothing is small enough", async () => {
    receiver.respond(() => ({ status: 413 }));
    const message = `${host()} answered 413: scripted answer 413`;
    expect(await sender().send(request(1))).toEqual({ outcome: "failed", message });
    expect(statuses()).toEqual([413]);
    expect(await sender().send(request(4))).toEqual({ outcome: "failed", message });
    expect(statuses()).toEqual([413, 413, 413, 413, 413, 413, 413, 413]);
  });

  it("sends the second half even if the first is lost", async () => {
    receiver.respond([{ status: 413 }, { status: 400, body: { message: "bad" } }]);
    const expected = { outcome: "delivered", rejectedSpans: 2, message: `${host()} answered 400: bad` };
    expect(await sender().send(request(4))).toEqual(expected);
    expect(receiver.spans).toHaveLength(2);
  });
});

describe("RequestSender: pauses", () => {
  it("do not keep the process alive", async () => {
    receiver.respond([{ status: 503 }]);
    const timers = vi.spyOn(globalThis, "setTimeout");
    await sender({ pace: { ...QUICK, firstMs: 77, longestMs: 77 } }).send(request(1));
    const pauseAt = timers.mock.calls.findIndex(([, ms]) => ms === 77);
    expect((timers.mock.results[pauseAt]?.value as NodeJS.Timeout).hasRef()).toBe(false);
  });
});

describe("requestSender", () => {
  function made(exporter: ReturnType<typeof otlp>, env: Record<string, string> = {}) {
    const reports: Diagnostic[] = [];
    const report = (diagnostic: Diagnostic) => void reports.push(diagnostic);
    if (!isPresetExporter(exporter)) throw new Error("not made by a preset");
    const surroundings = {
      env: (name: string) => env[name],
      batch: batchSettings({}, () => undefined, report),
      report,
    };
    return { out: requestSender(exporter, surroundings), reports };
  }

  it("sends where the preset says, with its keys", async () => {
    const { out, reports } = made(honeycomb({ apiKey: "a-key", endpoint: receiver.tracesUrl }));
    expect(await out.send(request(1))).toEqual({ outcome: "delivered", rejectedSpans: 0 });
    expect(receiver.requests[0]?.headers["x-honeycomb-team"]).toBe("a-key");
    expect(reports).toEqual([]);
  });

  it("appends the path of traces to the endpoint of the environment", async () => {
    const { out } = made(otlp(), { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    expect(await out.send(request(1))).toMatchObject({ outcome: "delivered" });
    expect(receiver.requests[0]?.path).toBe("/v1/traces");
  });

  it("knows how large a request may be", () => {
    expect(made(otlp({ endpoint: receiver.tracesUrl })).out.maxRequestBytes).toBe(900_000);
    expect(made(otlp({ endpoint: receiver.tracesUrl, maxRequestBytes: 5_000 })).out.maxRequestBytes).toBe(5_000);
    expect(made(newrelic({ licenseKey: "a-key" })).out.maxRequestBytes).toBeLessThanOrEqual(1_000_000);
  });

  it.each([
    ["http/protobuf", undefined],
    ["http/json", "OTEL_EXPORTER_OTLP_PROTOCOL is http/json, but only http/protobuf is spoken here and is used; remove it or set http/protobuf."], // prettier-ignore
  ])("says of the protocol %s what is to be said", (protocol, message) => {
    const { reports } = made(otlp({ endpoint: receiver.tracesUrl }), { OTEL_EXPORTER_OTLP_PROTOCOL: protocol });
    expect(reports.map((report) => report.message)).toEqual(message === undefined ? [] : [message]);
  });

  it("says which certificates cannot be read", () => {
    const { reports } = made(otlp({ endpoint: receiver.tracesUrl }), { OTEL_EXPORTER_OTLP_CERTIFICATE: "ca.pem" });
    expect(reports.map(({ code }) => code)).toEqual(["env.invalid"]);
  });
});
