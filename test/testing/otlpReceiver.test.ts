import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { spanTree, startOtlpReceiver, type OtlpReceiver } from "../../src/testing/index.js";
import { encodeForTest } from "./encodeForTest.js";
import { aSpan, spanId } from "./spans.js";

const BODY = encodeForTest([aSpan({ name: "a", spanId: spanId(1) })]);
const TWO = encodeForTest([
  aSpan({ name: "b", spanId: spanId(2), parentSpanId: spanId(1) }),
  aSpan({ name: "c", spanId: spanId(3), parentSpanId: spanId(2) }),
]);
const JSON_HEADERS = { "content-type": "application/json" };

let receiver: OtlpReceiver;
beforeEach(async () => {
  receiver = await startOtlpReceiver({ maxBodyBytes: 4_000 });
});
afterEach(() => receiver.close());

function post(body: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(receiver.tracesUrl, { method: "POST", headers: { ...JSON_HEADERS, ...headers }, body });
}

describe("the receiver, like a collector", () => {
  it("accepts an export", async () => {
    const response = await post(BODY);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.text()).toBe('{"partialSuccess":{}}');
    expect(spanTree(receiver.spans)).toBe("a");
  });

  it("accepts gzip, and counts the bytes of the wire", async () => {
    const zipped = gzipSync(BODY);
    expect((await post(zipped, { "content-encoding": "gzip" })).status).toBe(200);
    expect(receiver.requests).toMatchObject([{ bytes: zipped.byteLength, body: BODY, status: 200 }]);
  });

  it("accepts a charset behind the content type, and a query behind the path", async () => {
    const headers = { "content-type": "Application/JSON; charset=utf-8" };
    const response = await fetch(`${receiver.tracesUrl}?x=1`, { method: "POST", headers, body: BODY });
    expect(response.status).toBe(200);
  });

  it("accepts an empty export", async () => {
    expect((await post('{"resourceSpans":[]}')).status).toBe(200);
  });

  it("remembers each request with all of its headers", async () => {
    await post(BODY, { authorization: "Bearer secret", "x-honeycomb-team": "key" });
    expect(receiver.requests).toHaveLength(1);
    expect(receiver.requests[0]).toMatchObject({
      method: "POST",
      path: "/v1/traces",
      headers: { authorization: "Bearer secret", "x-honeycomb-team": "key", "content-type": "application/json" },
      bytes: Buffer.byteLength(BODY),
      body: BODY,
      spans: [{ name: "a" }],
      problem: undefined,
      status: 200,
    });
  });

  it.each<[string, string, RequestInit, number, string]>([
    ["another path", "/v1/metrics", { method: "POST", headers: JSON_HEADERS, body: "{}" }, 404, "404 page not found"],
    ["the root", "/", { method: "POST", headers: JSON_HEADERS, body: BODY }, 404, "404 page not found"],
    ["GET", "/v1/traces", {}, 405, "405 method not allowed, supported: [POST]"],
    ["PUT", "/v1/traces", { method: "PUT", headers: JSON_HEADERS, body: BODY }, 405, "405 method not allowed"],
    [
      "text",
      "/v1/traces",
      { method: "POST", body: BODY },
      415,
      "415 unsupported media type, supported: [application/json, application/x-protobuf]",
    ],
  ])("refuses %s in plain text", async (_, path, init, status, message) => {
    const response = await fetch(receiver.url + path, init);
    expect([response.status, response.headers.get("content-type")]).toEqual([status, "text/plain"]);
    expect(await response.text()).toContain(message);
    expect(receiver.requests).toMatchObject([{ status, problem: expect.stringContaining(String(status)) }]);
    expect(receiver.spans).toEqual([]);
  });

  it.each<[string, BodyInit, Record<string, string>, number, string]>([
    ["text that is not JSON", "hello", {}, 400, "is not JSON"],
    ["an empty body", "", {}, 400, "is not JSON"],
    ["invalid OTLP", BODY.replace(/"kind":1/, '"kind":"SPAN_KIND_INTERNAL"'), {}, 400, "spans[0].kind"],
    ["bytes that are not UTF-8", new Uint8Array([0x22, 0xff, 0x22]), {}, 400, "not valid UTF-8"],
    ["gzip that is none", BODY, { "content-encoding": "gzip" }, 400, "invalid gzip"],
    ["half of a gzip", gzipSync(BODY).subarray(0, 40), { "content-encoding": "gzip" }, 400, "invalid gzip"],
    ["another encoding", BODY, { "content-encoding": "br" }, 400, "unsupported Content-Encoding: br"],
    ["a body over the limit", " ".repeat(4_001), {}, 413, "larger than 4000 bytes"],
    ["gzip that grows over the limit", gzipSync(" ".repeat(4_001)), { "content-encoding": "gzip" }, 413, "larger than"],
  ])("refuses %s with a google.rpc.Status", async (_, body, headers, status, message) => {
    const response = await post(body, headers);
    expect([response.status, response.headers.get("content-type")]).toEqual([status, "application/json"]);
    expect(await response.json()).toEqual({ code: status === 400 ? 3 : 8, message: expect.stringContaining(message) });
    expect(receiver.requests).toMatchObject([{ status, spans: [], problem: expect.stringContaining(message) }]);
    expect(receiver.spans).toEqual([]);
  });

  it("takes what the stock exporters send if told so", async () => {
    await receiver.close();
    receiver = await startOtlpReceiver({ validation: "interoperable" });
    expect((await post(BODY.replace(/"kind":1/, '"kind":1,"vendorField":1'))).status).toBe(200);
  });

  it("counts spans that come again", async () => {
    await post(BODY);
    await post(TWO);
    expect(receiver.duplicates).toBe(0);
    await post(BODY);
    expect(receiver.duplicates).toBe(1);
    expect(receiver.spans).toHaveLength(4);
  });

  it("forgets everything on reset", async () => {
    receiver.respond(() => ({ status: 503 }));
    await post(BODY);
    receiver.reset();
    expect((await post(BODY)).status).toBe(200);
    expect([receiver.spans.length, receiver.requests.length, receiver.duplicates]).toEqual([1, 1, 0]);
  });
});

describe("the receiver, scripted", () => {
  it("uses a list of answers up and then accepts", async () => {
    receiver.respond([
      { status: 503, headers: { "retry-after": "2" } },
      { status: 429, body: "slow down" },
      { body: { partialSuccess: { rejectedSpans: "1", errorMessage: "too old" } } },
    ]);
    const answers: unknown[] = [];
    for (let request = 0; request < 4; request += 1) {
      const response = await post(BODY);
      answers.push([response.status, response.headers.get("retry-after"), await response.text()]);
    }
    expect(answers).toEqual([
      [503, "2", '{"code":14,"message":"scripted answer 503"}'],
      [429, null, "slow down"],
      [200, null, '{"partialSuccess":{"rejectedSpans":"1","errorMessage":"too old"}}'],
      [200, null, '{"partialSuccess":{}}'],
    ]);
    expect(receiver.spans).toHaveLength(2);
    expect(receiver.requests.map((request) => request.status)).toEqual([503, 429, 200, 200]);
  });

  it("asks a function each time, and accepts where it says nothing", async () => {
    receiver.respond(async (request) => (request.headers["api-key"] === "right" ? undefined : { status: 401 }));
    expect(await (await post(BODY)).json()).toEqual({ code: 16, message: "scripted answer 401" });
    expect((await post(BODY, { "api-key": "right" })).status).toBe(200);
    expect(receiver.spans).toHaveLength(1);
  });

  it("shows a function that throws as 500", async () => {
    receiver.respond(() => {
      throw new Error("mistake in the test");
    });
    const response = await post(BODY);
    expect(response.status).toBe(500);
    expect(await response.text()).toContain("mistake in the test");
  });

  it("uses no answer up for a request it refuses by itself", async () => {
    receiver.respond([{ status: 503 }]);
    expect((await post("hello")).status).toBe(400);
    expect((await post(BODY)).status).toBe(503);
  });

  it("redirects without following", async () => {
    receiver.respond([{ status: 307, headers: { location: "http://127.0.0.1:9/" } }]);
    const response = await fetch(receiver.tracesUrl, {
      method: "POST",
      headers: JSON_HEADERS,
      body: BODY,
      redirect: "manual",
    });
    expect([response.status, receiver.spans.length]).toEqual([307, 0]);
  });

  it("answers later", async () => {
    receiver.respond([{ delayMs: 40 }]);
    const start = performance.now();
    expect((await post(BODY)).status).toBe(200);
    // Timers of Node may fire up to a millisecond early.
    expect(performance.now() - start).toBeGreaterThanOrEqual(38);
  });

  it("breaks the connection off", async () => {
    receiver.respond([{ fault: "reset" }]);
    await expect(post(BODY)).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
    expect(receiver.requests).toMatchObject([{ status: undefined, spans: [{ name: "a" }] }]);
    expect(receiver.spans).toEqual([]);
  });

  it("takes the spans and loses the answer", async () => {
    receiver.respond([
      { fault: "reset", accept: true },
      { status: 503, accept: true },
    ]);
    await expect(post(BODY)).rejects.toThrow();
    await post(BODY);
    await post(BODY);
    expect([receiver.spans.length, receiver.duplicates]).toEqual([3, 2]);
  });

  it("never answers", async () => {
    receiver.respond([{ fault: "hang" }]);
    await expect(
      fetch(receiver.tracesUrl, {
        method: "POST",
        headers: JSON_HEADERS,
        body: BODY,
        signal: AbortSignal.timeout(50),
      }),
    ).rejects.toMatchObject({ name: "TimeoutError" });
    expect(receiver.requests).toMatchObject([{ status: undefined }]);
  });
});

describe("waitForSpans", () => {
  it("returns at once what is there already", async () => {
    await post(BODY);
    expect(await receiver.waitForSpans(1)).toMatchObject([{ name: "a" }]);
  });

  it("waits for a number of different spans", async () => {
    const waiting = receiver.waitForSpans(3);
    for (const body of [BODY, BODY, TWO]) await post(body);
    expect((await waiting).map((span) => span.name)).toEqual(["a", "a", "b", "c"]);
  });

  it("waits for a condition", async () => {
    const waiting = receiver.waitForSpans((spans) => spans.some((span) => span.name === "c"));
    await post(BODY);
    await post(TWO);
    expect(await waiting).toHaveLength(3);
  });

  it("resolves after the answer was sent", async () => {
    receiver.respond([{ delayMs: 30 }]);
    const answer = post(BODY);
    await receiver.waitForSpans(1);
    await receiver.close();
    expect((await answer).status).toBe(200);
  });

  it("shows what arrived when it times out", async () => {
    receiver.respond([{ status: 503 }]);
    await post(BODY);
    await post(TWO);
    await post("hello");
    await expect(receiver.waitForSpans(5, { timeoutMs: 20 })).rejects.toThrow(
      [
        "Timed out after 20 ms while waiting for 5 spans. Spans that arrived: 2. Requests:",
        "  POST /v1/traces 503",
        "  POST /v1/traces 200",
        "  POST /v1/traces 400: Not valid OTLP (1 problem):",
      ].join("\n"),
    );
    await expect(receiver.waitForSpans(5, { timeoutMs: 1 })).rejects.toThrow(
      ["", "b (parent elsewhere)", "└─ c"].join("\n"),
    );
  });

  it("says so when nothing arrived at all", async () => {
    await expect(receiver.waitForSpans(() => false, { timeoutMs: 1 })).rejects.toThrow(
      "while waiting for spans that meet the condition. Spans that arrived: 0. No request arrived.",
    );
  });

  it("passes on what a condition throws", async () => {
    const waiting = receiver.waitForSpans((spans) => {
      if (spans.length > 0) throw new Error("mistake in the condition");
      return false;
    });
    const caught = expect(waiting).rejects.toThrow("mistake in the condition");
    expect((await post(BODY)).status).toBe(200);
    await caught;
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses to wait for %d spans", async (count) => {
    await expect(receiver.waitForSpans(count)).rejects.toThrow(TypeError);
  });

  it("fails when the receiver is closed", async () => {
    const caught = expect(receiver.waitForSpans(1)).rejects.toThrow(
      "The receiver was closed while waiting for 1 span.",
    );
    await receiver.close();
    await caught;
  });
});

describe("close", () => {
  it("breaks hanging and waiting requests off, and can be called again", async () => {
    receiver.respond([{ fault: "hang" }, { delayMs: 60_000 }]);
    const open = Promise.allSettled([post(BODY), post(BODY)]);
    await expect.poll(() => receiver.requests.length).toBe(2);
    await receiver.close();
    await receiver.close();
    expect((await open).map((outcome) => outcome.status)).toEqual(["rejected", "rejected"]);
    await expect(post(BODY)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
  });

  it("accepts nothing any more, late answers neither", async () => {
    receiver.respond([{ delayMs: 300 }]);
    const open = Promise.allSettled([post(BODY)]);
    await expect.poll(() => receiver.requests.length).toBe(1);
    await receiver.close();
    await open;
    await new Promise((resolve) => setTimeout(resolve, 350));
    expect(receiver.spans).toEqual([]);
  });

  it("gives its port back", async () => {
    const port = Number(new URL(receiver.url).port);
    await expect(startOtlpReceiver({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    await receiver.close();
    receiver = await startOtlpReceiver({ port });
    expect(receiver.url).toBe(`http://127.0.0.1:${port}`);
  });
});
