import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Fetch, fetchExchange } from "../../src/otlp/fetchExchange.js";
import { parseRetryAfter } from "../../src/otlp/response.js";
import { post, type PostRequest } from "../../src/otlp/transport.js";
import { reply, startLoopback, type Loopback } from "./loopback.js";

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);

let server: Loopback;
beforeAll(async () => {
  server = await startLoopback();
});
afterAll(() => server.close());

interface Change extends Partial<PostRequest> {
  /** The `fetch` to send by. */
  readonly fetch?: Fetch;
}

function send({ fetch, ...change }: Change = {}) {
  const headers = { "x-team": "secret-team-key" };
  const now = () => NOW;
  return post({ url: server.url, headers, body: '{"resourceSpans":[]}', timeoutMs: 5_000, compression: "none", now, exchange: fetchExchange(fetch), ...change }); // prettier-ignore
}

/** Said when a loopback address does not answer. */
const LOOPBACK_HINT = "; a loopback address is reached only from the same machine, never from a cloud deployment";

describe("post: what is sent", () => {
  it("is one POST of JSON with the user's headers and a User-Agent", async () => {
    server.answer(reply(200));
    await send({ body: '{"resourceSpans":["ü"]}' });
    expect(server.received).toHaveLength(1);
    expect(server.received[0]).toMatchObject({
      method: "POST",
      path: "/v1/traces",
      body: '{"resourceSpans":["ü"]}',
      headers: {
        "content-type": "application/json",
        "x-team": "secret-team-key",
        "user-agent": "convex-otel/0.1.0 OTel-OTLP-Exporter-JavaScript/0.1.0",
      },
    });
    expect(server.received[0]?.headers).not.toHaveProperty("content-encoding");
  });

  it("is OTLP/protobuf if it is bytes", async () => {
    server.answer(reply(200));
    await send({ body: new Uint8Array([0x0a, 0x00]) });
    expect(server.received[0]).toMatchObject({
      body: "\n\0",
      headers: { "content-type": "application/x-protobuf", "content-length": "2" },
    });
  });

  it("is packed with gzip when asked for", async () => {
    server.answer(reply(200));
    await send({ body: "x".repeat(10_000), compression: "gzip" });
    expect(server.received[0]?.headers["content-encoding"]).toBe("gzip");
    expect(Number(server.received[0]?.headers["content-length"] ?? 0)).toBeLessThan(1_000);
    expect(server.received[0]?.body).toBe("x".repeat(10_000));
  });

  it("keeps a User-Agent of the user, but not a Content-Type", async () => {
    server.answer(reply(200));
    await send({ headers: { "user-agent": "mine", "content-type": "text/plain" } });
    expect(server.received[0]?.headers).toMatchObject({ "user-agent": "mine", "content-type": "application/json" });
  });

  it("is sent without a User-Agent where setting it throws", async () => {
    server.answer(reply(200));
    const set = vi.spyOn(Headers.prototype, "set").mockImplementation(function (this: Headers, name, value) {
      if (name === "User-Agent") throw new Error("forbidden");
      this.append(name, value);
    });
    await expect(send()).resolves.toEqual({ kind: "success", rejectedSpans: 0 });
    set.mockRestore();
    expect(server.received[0]?.headers["user-agent"]).not.toContain("convex-otel");
  });

  it("looks fetch up when it is called", async () => {
    const fetch = vi.fn(() => Promise.resolve(new Response("{}")));
    vi.stubGlobal("fetch", fetch);
    await expect(send()).resolves.toMatchObject({ kind: "success" });
    vi.unstubAllGlobals();
    expect(fetch).toHaveBeenCalledWith(server.url, expect.objectContaining({ redirect: "manual", method: "POST" }));
  });

  it("is nothing if a header is not valid", async () => {
    server.answer(reply(200));
    const result = await send({ headers: { "x-team": "secret-team-key\nx: y" } });
    expect(result).toEqual({ kind: "failure", message: `${server.host} was not asked: a header is not valid` });
    expect(server.received).toHaveLength(0);
  });
});

describe("post: what comes back", () => {
  it.each([
    ["200 without a body", 200, undefined, 0, undefined],
    ["202", 202, {}, 0, undefined],
    ["204", 204, undefined, 0, undefined],
    ["200 with something else", 200, [1], 0, undefined],
    ["an empty partial success", 200, { partialSuccess: {} }, 0, undefined],
    ["a partial success as text", 200, { partialSuccess: { rejectedSpans: "3", errorMessage: "bad" } }, 3, "HOST: bad"],
    ["a partial success as number", 200, { partialSuccess: { rejectedSpans: 2 } }, 2, "HOST rejected spans without saying why"], // prettier-ignore
    ["a warning", 200, { partialSuccess: { rejectedSpans: "0", errorMessage: "old" } }, 0, "HOST: old"],
    ["nonsense counts", 200, { partialSuccess: { rejectedSpans: -1 } }, 0, undefined],
    ["a count past all numbers", 200, { partialSuccess: { rejectedSpans: "9".repeat(30) } }, 0, undefined],
  ])("%s is a success", async (_, status, body, rejectedSpans, message) => {
    server.answer(reply(status, body));
    const expected = message?.replace("HOST", server.host);
    const text = expected === undefined ? {} : { message: expected };
    await expect(send()).resolves.toEqual({ kind: "success", rejectedSpans, ...text });
  });

  it.each([400, 401, 403, 404, 405, 408, 415, 500, 501, 505])("%d is final, with the reason", async (status) => {
    server.answer(reply(status, { code: 3, message: "no  such\n\tthing" }));
    const message = `${server.host} answered ${status}: no such thing`;
    await expect(send()).resolves.toEqual({ kind: "failure", message, status });
  });

  it.each([
    ["a success in protobuf", 200, "application/x-protobuf", "response"],
    ["a failure in protobuf, with parameters", 400, "application/x-protobuf; q=1", "status"],
    ["an answer that does not say what it is", 400, undefined, "status"],
    ["an answer in JSON", 200, "application/json", undefined],
    ["an answer in plain text", 400, "text/plain", undefined],
  ])("the reader is given the bytes of %s, and no others", async (_, status, type, kind) => {
    server.answer((response) => {
      response.writeHead(status, type === undefined ? {} : { "Content-Type": type });
      response.end(Buffer.from([0xff, 0x00]));
    });
    const readAnswer = vi.fn(() => ({ message: "read", partialSuccess: { rejectedSpans: 4, errorMessage: "read" } }));
    const result = await send({ body: new Uint8Array([0x0a, 0x00]), readAnswer });
    expect(readAnswer.mock.calls).toEqual(kind === undefined ? [] : [[new Uint8Array([0xff, 0x00]), kind]]);
    expect("message" in result && result.message?.includes("read")).toBe(kind !== undefined);
  });

  it("an answer in protobuf says nothing to who sent text", async () => {
    server.answer(reply(400, { message: "no protobuf" }, { "Content-Type": "application/x-protobuf" }));
    await expect(send()).resolves.toEqual({ kind: "failure", message: `${server.host} answered 400`, status: 400 });
  });

  it("413 is too large", async () => {
    server.answer(reply(413));
    await expect(send()).resolves.toEqual({ kind: "tooLarge", message: `${server.host} answered 413` });
  });

  it.each([429, 502, 503, 504])("%d is worth another try", async (status) => {
    server.answer(reply(status, { message: "busy" }));
    await expect(send()).resolves.toEqual({ kind: "retryable", message: `${server.host} answered ${status}: busy` });
  });

  it.each([
    ["seconds", "7", 7_000],
    ["an HTTP date", "Thu, 01 Jan 2026 12:00:30 GMT", 30_000],
    ["a date that has passed", "Thu, 01 Jan 2026 11:00:00 GMT", 0],
  ])("429 with Retry-After as %s", async (_, header, retryAfterMs) => {
    server.answer(reply(429, undefined, { "Retry-After": header }));
    await expect(send()).resolves.toMatchObject({ kind: "retryable", retryAfterMs });
  });

  it.each([301, 302, 303, 307, 308])("%d is not followed", async (status) => {
    server.answer(reply(status, undefined, { Location: `http://${server.host}/elsewhere` }));
    const result = await send();
    expect(result).toMatchObject({ kind: "failure", message: expect.stringContaining("redirect") as string });
    expect(server.received.map(({ path }) => path)).toEqual(["/v1/traces"]);
  });

  it("an opaque redirect is a failure too", async () => {
    const response = { type: "opaqueredirect", status: 0, headers: new Headers(), body: null } as Response;
    await expect(send({ fetch: () => Promise.resolve(response) })).resolves.toMatchObject({ kind: "failure" });
  });

  it.each([
    [200, "success"],
    [400, "failure"],
    [503, "retryable"],
  ])("a response of %d that is too long is not read", async (status, kind) => {
    server.answer((response) => {
      response.writeHead(status);
      response.end(JSON.stringify({ message: "m".repeat(5 * 1024 * 1024) }));
    });
    const result = await send();
    expect(result.kind).toBe(kind);
    expect((("message" in result && result.message) || "").length).toBeLessThan(100);
  });

  it("never repeats keys, addresses or query", async () => {
    const echo = "key secret-team-key of Bearer abcdefghijkl at https://u:p@host/x?y=z with token=q1w2e3r4t5";
    server.answer(reply(401, { message: `${echo}${"!".repeat(1000)}` }));
    const headers = { "x-team": "secret-team-key", authorization: "Bearer abcdefghijkl" };
    const result = await send({ url: `${server.url}?token=q1w2e3r4t5`, headers });
    const message = "message" in result ? (result.message ?? "") : "";
    expect(message).toMatch(
      /^127\.0\.0\.1:\d+ answered 401: key \[hidden\] of \[hidden\] at \[url\] with \[hidden\]!+…$/,
    );
    expect(message.length).toBeLessThan(400);
  });
});

describe("post: no answer", () => {
  it("a refused connection is worth another try", async () => {
    const closed = await startLoopback();
    await closed.close();
    await expect(send({ url: `${closed.url}?key=secret` })).resolves.toEqual({
      kind: "retryable",
      message: `no answer from ${closed.host} (ECONNREFUSED)${LOOPBACK_HINT}`,
    });
  });

  it("a reset is worth another try", async () => {
    server.answer((_response, _request, socket) => socket.resetAndDestroy());
    await expect(send()).resolves.toMatchObject({ kind: "retryable", message: expect.stringContaining("no answer") as string }); // prettier-ignore
  });

  it.each([
    ["a plain error, as Convex throws", () => Promise.reject(new Error("Unsupported URL https://x?key=1"))],
    ["something else", () => Promise.reject<Response>("x")],
    ["synchronously, as convex-test does", () => { throw new Error("Can't use fetch() here"); }], // prettier-ignore
  ])("%s is worth another try", async (_, fetch) => {
    const message = `no answer from ${server.host}${LOOPBACK_HINT}`;
    await expect(send({ fetch })).resolves.toEqual({ kind: "retryable", message });
    await expect(send({ fetch, url: "https://localhost.example.com/" })).resolves.toEqual({
      kind: "retryable",
      message: "no answer from localhost.example.com",
    });
  });

  it("gives up at the deadline", async () => {
    server.answer(() => {});
    await expect(send({ timeoutMs: 60 })).resolves.toEqual({
      kind: "retryable",
      message: `no answer from ${server.host} in 60 ms`,
    });
  });

  it("gives up at the deadline where fetch ignores its signal, and aborts it", async () => {
    const signals: (AbortSignal | null | undefined)[] = [];
    const fetch: Fetch = (_url, init) => {
      signals.push(init.signal);
      return new Promise<Response>(() => {});
    };
    await expect(send({ timeoutMs: 20, fetch })).resolves.toMatchObject({ kind: "retryable" });
    expect(signals[0]?.aborted).toBe(true);
  });

  it.each([
    [200, "success"],
    [400, "failure"],
  ])("a %d whose body never ends still counts", async (status, kind) => {
    server.answer((response) => {
      response.writeHead(status);
      response.write('{"partial');
    });
    await expect(send({ timeoutMs: 60 })).resolves.toMatchObject({ kind });
  });

  it("a body that breaks off still counts", async () => {
    server.answer((response, _request, socket) => {
      response.writeHead(200, { "Content-Length": "100" });
      response.write('{"partial', () => socket.destroy());
    });
    await expect(send()).resolves.toEqual({ kind: "success", rejectedSpans: 0 });
  });

  it("leaves no timer behind", async () => {
    vi.useFakeTimers();
    const fetch = () => Promise.resolve(new Response("{}"));
    await send({ fetch, timeoutMs: 5_000 });
    expect(vi.getTimerCount()).toBe(0);
    await send({ fetch, timeoutMs: Infinity });
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});

describe("parseRetryAfter", () => {
  it.each([
    [null, undefined],
    ["", undefined],
    ["0", 0],
    [" 120 ", 120_000],
    ["-1", undefined],
    ["1.5", undefined],
    ["soon", undefined],
    ["2026", 2_026_000],
    ["2026-01-01", undefined],
    ["99999999999999", undefined],
    ["Thu, 01 Jan 2026 12:01:00 GMT", 60_000],
    ["Thursday, 01-Jan-26 12:01:00 GMT", 60_000],
    ["Thu Jan  1 12:01:00 2026", 60_000],
    ["Thu, nonsense GMT", undefined],
  ])("%j is %s ms", (header, expected) => expect(parseRetryAfter(header, NOW)).toBe(expected));
});
