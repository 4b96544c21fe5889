import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Exporter } from "../../src/core/ports.js";
import { encodeSpans } from "../../src/otlp/encode.js";
import { createExporter } from "../../src/otlp/exporter.js";
import { otlp } from "../../src/otlp/presets.js";
import { countSpans } from "../../src/otlp/split.js";
import { decode } from "./decodeOtlp.js";
import { reply, startLoopback, type Answer, type Loopback } from "./loopback.js";
import { resource, scope, spans } from "./spans.js";

let server: Loopback;
beforeAll(async () => {
  server = await startLoopback();
});
afterAll(() => server.close());

const noEnv = () => undefined;

function textOf(count: number, name = "span"): string {
  return encodeSpans(spans(count, { name }), { resource, scope }).text;
}

/** The names of the spans in each request, in order. */
function namesByRequest(): string[][] {
  return server.received.map(({ body }) => {
    const request = JSON.parse(body) as { resourceSpans: unknown[] };
    return request.resourceSpans.flatMap((element) => decode(JSON.stringify(element)).spans.map(({ name }) => name));
  });
}

function spansByRequest(): number[] {
  return namesByRequest().map((names) => names.length);
}

/** Answers 413 to every request with more than `most` spans. */
function atMost(most: number): Answer {
  return (response, { body }, socket) => {
    reply(countSpans(body) > most ? 413 : 200)(response, { method: "", path: "", headers: {}, body }, socket);
  };
}

function send(texts: readonly string[], exporter: Exporter = otlp({ endpoint: server.url })) {
  return exporter.send(texts, { env: noEnv });
}

describe("send: requests", () => {
  it("joins texts into one request", async () => {
    server.answer(reply(200));
    await expect(send([textOf(1, "a"), textOf(2, "b")])).resolves.toEqual({ outcome: "delivered", rejectedSpans: 0 });
    expect(namesByRequest()).toEqual([["a", "b", "b"]]);
  });

  it.each([[[]], [[textOf(0)]], [["not ours"]]])("sends nothing where there are no spans: %#", async (texts) => {
    server.answer(reply(200));
    await expect(send(texts)).resolves.toEqual({ outcome: "delivered", rejectedSpans: 0 });
    expect(server.received).toHaveLength(0);
  });

  it("sends at most 512 spans in a request, in order", async () => {
    server.answer(reply(200));
    await send([textOf(300), textOf(200), textOf(12), textOf(1), textOf(512)]);
    expect(spansByRequest()).toEqual([512, 1, 512]);
  });

  it("splits a text that is over the limits by itself", async () => {
    server.answer(reply(200));
    const large = encodeSpans(spans(700), { resource, scope, maxBytes: Infinity, maxSpans: Infinity }).text;
    await send([large]);
    expect(spansByRequest()).toEqual([350, 350]);
  });

  it("keeps to the byte limit, and rejects a span that is larger than it", async () => {
    server.answer(reply(200));
    const small = textOf(4);
    const exporter = otlp({ endpoint: server.url, maxRequestBytes: small.length + 100 });
    const large = encodeSpans(spans(1, { attributes: { x: "x".repeat(5_000) } }), { resource, scope }).text;
    const result = await send([small, large, small], exporter);
    expect(spansByRequest()).toEqual([4, 4]);
    expect(server.received.every(({ body }) => Buffer.byteLength(body) <= small.length + 100)).toBe(true);
    expect(result).toEqual({
      outcome: "delivered",
      rejectedSpans: 1,
      message: `a span is larger than a request may be (${small.length + 100} bytes)`,
    });
  });

  it("sends headers of code and environment", async () => {
    server.answer(reply(200));
    const vars: Record<string, string> = { OTEL_EXPORTER_OTLP_HEADERS: "x-env=1,x-both=env" };
    const exporter = otlp({ endpoint: server.url, headers: { "X-Both": "code" } });
    await exporter.send([textOf(1)], { env: (name) => vars[name] });
    expect(server.received[0]?.headers).toMatchObject({ "x-env": "1", "x-both": "code" });
  });
});

describe("send: outcomes", () => {
  it("counts what a partial success rejected, never more than was sent", async () => {
    server.answer(reply(200, { partialSuccess: { rejectedSpans: "9", errorMessage: "old" } }));
    const result = await send([textOf(2)]);
    expect(result).toEqual({ outcome: "delivered", rejectedSpans: 2, message: `${server.host}: old` });
  });

  it("is rejected if nothing was accepted", async () => {
    server.answer(reply(401, { message: "who?" }));
    const result = await send([textOf(2), textOf(512)]);
    expect(result).toEqual({ outcome: "rejected", rejectedSpans: 514, message: `${server.host} answered 401: who?` });
  });

  it("is delivered if part was accepted", async () => {
    let calls = 0;
    server.answer((...answer) => reply(calls++ === 0 ? 400 : 200)(...answer));
    const result = await send([textOf(512), textOf(3)]);
    expect(result).toEqual({ outcome: "delivered", rejectedSpans: 512, message: `${server.host} answered 400` });
  });

  it("hands back what is left, from the first request that may be tried again", async () => {
    let calls = 0;
    const retry = reply(503, undefined, { "Retry-After": "4" });
    server.answer((...answer) => (calls++ === 1 ? retry : reply(200))(...answer));
    const texts = [textOf(512, "a"), textOf(400, "b"), textOf(100, "c"), textOf(200, "d")];
    await expect(send(texts)).resolves.toEqual({
      outcome: "retry",
      texts: texts.slice(1),
      rejectedSpans: 0,
      retryAfterMs: 4_000,
      message: `${server.host} answered 503`,
    });
    expect(server.received).toHaveLength(2);
  });

  it("stops at the deadline and hands back the rest", async () => {
    let time = 0;
    const fetch = () => {
      time += 60;
      return Promise.resolve(new Response("{}"));
    };
    const exporter = createExporter(
      { name: "x", credentials: {} },
      { endpoint: "http://c" },
      { fetch, now: () => time },
    );
    const texts = [textOf(512, "a"), textOf(512, "b"), textOf(512, "c")];
    await expect(exporter.send(texts, { env: noEnv, timeoutMs: 100 })).resolves.toEqual({
      outcome: "retry",
      texts: texts.slice(2),
      rejectedSpans: 0,
      message: "there was no time left to send the rest",
    });
  });

  it("uses its own timeout if that is shorter", async () => {
    server.answer(() => {});
    const result = await otlp({ endpoint: server.url, timeoutMs: 40 }).send([textOf(1)], {
      env: noEnv,
      timeoutMs: 9_000,
    });
    expect(result).toMatchObject({ outcome: "retry", rejectedSpans: 0 });
  });

  it("is handed back if the endpoint is down", async () => {
    const closed = await startLoopback();
    await closed.close();
    const texts = [textOf(1)];
    await expect(send(texts, otlp({ endpoint: closed.url }))).resolves.toMatchObject({ outcome: "retry", texts });
  });
});

describe("send: too large", () => {
  it("halves between texts, then inside a text, and sends each half once", async () => {
    server.answer(atMost(2));
    await expect(send([textOf(4, "a"), textOf(2, "b")])).resolves.toEqual({ outcome: "delivered", rejectedSpans: 0 });
    expect(spansByRequest()).toEqual([6, 4, 2, 2, 2]);
    expect(namesByRequest().at(-1)).toEqual(["b", "b"]);
  });

  it("halves a single text once and rejects what is still too large", async () => {
    server.answer(atMost(1));
    const result = await send([textOf(3)]);
    expect(spansByRequest()).toEqual([3, 2, 1]);
    expect(result).toEqual({ outcome: "delivered", rejectedSpans: 2, message: `${server.host} answered 413` });
  });

  it("rejects a single span", async () => {
    server.answer(reply(413));
    const result = await send([textOf(1)]);
    expect(spansByRequest()).toEqual([1]);
    expect(result).toMatchObject({ outcome: "rejected", rejectedSpans: 1 });
  });

  it("sends no more than seven requests for one", async () => {
    server.answer(reply(413));
    const result = await send(Array.from({ length: 64 }, () => textOf(8)));
    expect(server.received).toHaveLength(7);
    expect(result).toMatchObject({ outcome: "rejected", rejectedSpans: 512 });
  });

  it("hands back halves that may be tried again", async () => {
    server.answer((response, request, socket) =>
      reply(countSpans(request.body) > 2 ? 413 : 503)(response, request, socket),
    );
    const result = await send([textOf(4)]);
    expect(result).toMatchObject({ outcome: "retry", rejectedSpans: 0 });
    const texts = result.outcome === "retry" ? result.texts : [];
    expect(texts.map(countSpans)).toEqual([2, 2]);
  });
});

describe("send: nowhere to go", () => {
  it.each<[string, Record<string, string>, Exporter, string]>([
    ["no endpoint", {}, otlp(), "otlp is not configured any more; set its key or OTEL_EXPORTER_OTLP_ENDPOINT"],
    ["switched off", { OTEL_TRACES_EXPORTER: "none" }, otlp({ endpoint: "http://c" }), "otlp is not configured any more; set its key or OTEL_EXPORTER_OTLP_ENDPOINT"], // prettier-ignore
    [
      "an endpoint that is none",
      { OTEL_EXPORTER_OTLP_ENDPOINT: "localhost" },
      otlp(),
      "OTEL_EXPORTER_OTLP_ENDPOINT is ignored: it must be an absolute http: or https: URL without user name and password. Correct or remove it. otlp has no usable endpoint; set OTEL_EXPORTER_OTLP_ENDPOINT or the endpoint option",
    ],
  ])("%s is a rejection that says so", async (_, vars, exporter, message) => {
    const result = await exporter.send([textOf(3)], { env: (name) => vars[name] });
    expect(result).toEqual({ outcome: "rejected", rejectedSpans: 3, message });
  });

  it("never rejects, even if everything throws", async () => {
    const broken = () => {
      throw new Error("no");
    };
    const exporter = createExporter({ name: "x", credentials: {}, url: broken }, {});
    await expect(exporter.send(["x"], { env: broken })).resolves.toMatchObject({ outcome: "retry", texts: ["x"] });
  });

  it("names a wrong variable with every delivery: how often it is said is up to the caller", async () => {
    server.answer(reply(200));
    const vars: Record<string, string> = { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" };
    const exporter = otlp({ endpoint: server.url });
    const options = { env: (name: string) => vars[name] };
    const first = await exporter.send([textOf(1)], options);
    expect(first.message).toBe(
      "OTEL_EXPORTER_OTLP_PROTOCOL is grpc, but only http/json is spoken here and is used; remove it or set http/json.",
    );
    expect(await exporter.send([textOf(1)], options)).toEqual(first);
  });
});
