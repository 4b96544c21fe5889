/** The client: its spans, what it tells to whom, and that it is `fetch` otherwise. */
import { context, propagation } from "@opentelemetry/api";
import { AlwaysOffSampler } from "@opentelemetry/sdk-trace-base";
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { afterEach, describe, expect, it, vi } from "vitest";
import { tracedFetch, traceNodeHandler } from "../../../src/adapters/http/index.js";
import { suppressTracing, withSpan } from "../../../src/index.js";
import { withOtelContext } from "../../../src/core/otelContext.js";
import { encodeSpans, otlp } from "../../../src/otlp/index.js";
import { resource, scope, span } from "../../otlp/spans.js";
import { arrived, diagnosed, PARENT_ID, register, serve, traceparent } from "./support.js";

const STATUS = "http.response.status_code";

/** A server that keeps the headers it was sent. */
async function echo(listener: RequestListener = (_request, response) => void response.end("fine")) {
  const seen: IncomingHttpHeaders[] = [];
  const url = await serve((request, response) => {
    seen.push(request.headers);
    listener(request, response);
  });
  return { url, seen };
}

const CONTEXT = ["traceparent", "tracestate", "baggage", "x-correlation-id"];

/** The headers that tell where a request comes from. */
const told = (headers: IncomingHttpHeaders | undefined) => CONTEXT.filter((name) => headers?.[name] !== undefined);

describe("a request", () => {
  it("is a CLIENT span below the active one", async () => {
    const recorded = register();
    const { url } = await echo();
    const fetch = tracedFetch();
    const response = await withSpan("work", () => fetch(`${url}/a?q=cats#frag`));
    expect(await response.text()).toBe("fine");
    expect(recorded.tree(STATUS)).toBe(`work\n└─ GET [client] {${STATUS}=200}`);
    const { attributes } = recorded.spans().find(({ kind }) => kind === "client") ?? expect.fail("no span");
    expect(attributes).toEqual({
      "http.request.method": "GET",
      "server.address": "127.0.0.1",
      "server.port": Number(new URL(url).port),
      "url.full": `${url}/a?q=REDACTED`,
      [STATUS]: 200,
    });
  });

  it.each([
    ["a string", (url: string): Parameters<typeof fetch> => [url, { method: "post" }], "POST"],
    ["a URL", (url: string): Parameters<typeof fetch> => [new URL(url)], "GET"],
    ["a Request", (url: string): Parameters<typeof fetch> => [new Request(url, { method: "PUT", body: "x" })], "PUT"],
    [
      "a Request and more",
      (url: string): Parameters<typeof fetch> => [new Request(url), { method: "DELETE" }],
      "DELETE",
    ],
    ["a method of its own", (url: string): Parameters<typeof fetch> => [url, { method: "PURGE" }], "HTTP"],
  ])("may be %s", async (_what, argsOf, name) => {
    const recorded = register();
    const { url } = await echo((request, response) => void response.end(request.method));
    const response = await tracedFetch({ propagateTo: ["127.0.0.1"] })(...argsOf(url));
    expect(await response.text()).toBe(name === "HTTP" ? "PURGE" : name);
    expect(recorded.tree()).toBe(`${name} [client]`);
  });

  it("is named by a template, if there is one", async () => {
    const recorded = register();
    const { url } = await echo();
    const { said, diagnostics } = diagnosed();
    const template = ({ pathname }: URL) => (pathname === "/a/1" ? "/a/{id}" : undefined);
    await tracedFetch({ template })(`${url}/a/1`);
    await tracedFetch({ template: () => { throw new Error("no"); }, diagnostics })(`${url}/b`); // prettier-ignore
    expect([recorded.tree("url.template"), said]).toEqual([
      "GET /a/{id} [client] {url.template=/a/{id}}\n\nGET [client]".replace("=/a/{id}", '="/a/{id}"'),
      ["http.template_failed"],
    ]);
  });

  it("shows no credentials", async () => {
    const recorded = register();
    const fetch = tracedFetch({ query: "values", fetch: () => Promise.resolve(new Response("x")) });
    await fetch("https://user:pass@api.example.com/a?sig=s&Token=t&page=2#access_token=u");
    expect(recorded.tree("url.full")).toBe(
      'GET [client] {url.full="https://REDACTED:REDACTED@api.example.com/a?sig=REDACTED&Token=REDACTED&page=2"}',
    );
  });
});

it("a password in a URL that fetch refuses is in no span", async () => {
  const recorded = register();
  const fetch = tracedFetch();
  const load = () => withSpan("load", () => fetch("http://ann:secret@127.0.0.1:9/"));
  await expect(load()).rejects.toThrow("ann:secret@");
  expect(recorded.tree()).toBe(
    "load\n│ ! error: TypeError\n└─ GET [client]\n     ! error: TypeError\n     * exception",
  );
  expect(JSON.stringify(recorded.spans())).not.toContain("secret");
});

describe("outcomes", () => {
  it("statuses of 400 and above are errors", async () => {
    const recorded = register();
    const { url } = await echo((request, response) => response.writeHead(Number(request.url?.slice(1))).end());
    for (const status of [204, 404, 500]) expect((await tracedFetch()(`${url}/${status}`)).status).toBe(status);
    expect(recorded.tree(STATUS)).toBe(
      [
        `GET [client] {${STATUS}=204}`,
        `GET [client] {${STATUS}=404}\n  ! error: 404`,
        `GET [client] {${STATUS}=500}\n  ! error: 500`,
      ].join("\n\n"),
    );
  });

  it("no answer is one, thrown on as it is", async () => {
    const recorded = register();
    const error = new TypeError("fetch failed");
    await expect(tracedFetch({ fetch: () => Promise.reject(error) })("https://x.example/")).rejects.toBe(error);
    expect(recorded.tree()).toBe("GET [client]\n  ! error: TypeError\n  * exception");
  });

  it("what the caller aborts is none, what takes too long is", async () => {
    const recorded = register();
    const { url } = await echo(() => {});
    const fetch = tracedFetch();
    const caller = new AbortController();
    const aborted = fetch(url, { signal: caller.signal });
    caller.abort();
    await expect(aborted).rejects.toBe(caller.signal.reason);
    const request = new Request(url, { signal: AbortSignal.abort(new Error("no")) });
    await expect(fetch(request)).rejects.toThrow();
    await expect(fetch(url, { signal: AbortSignal.timeout(5) })).rejects.toThrow("timeout");
    expect(recorded.tree()).toBe(
      "GET [client]\n  * request.cancelled\n\nGET [client]\n  * request.cancelled\n\n" +
        "GET [client]\n  ! error: TimeoutError\n  * exception",
    );
  });

  it("what fetch refuses is refused by it", async () => {
    const recorded = register();
    const fetch = tracedFetch();
    for (const input of ["/relative", "ftp://x.example/", "https://", {} as never, undefined as never]) {
      await expect(fetch(input)).rejects.toThrow(TypeError);
    }
    expect(await (await fetch("data:text/plain,hello")).text()).toBe("hello");
    expect(recorded.spans()).toEqual([]);
    await expect(fetch("https://x.example/", { headers: { "bad name": "x" } })).rejects.toThrow(TypeError);
  });

  it("redirects are part of it; each attempt is one", async () => {
    const recorded = register();
    const { url } = await echo((request, response) => {
      if (request.url === "/from") response.writeHead(302, { location: "/to" });
      response.end();
    });
    const fetch = tracedFetch();
    expect((await fetch(`${url}/from`)).url).toBe(`${url}/to`);
    await fetch(`${url}/to`);
    expect(recorded.tree(STATUS)).toBe(`GET [client] {${STATUS}=200}\n\nGET [client] {${STATUS}=200}`);
  });
});

describe("what the other side is told", () => {
  it("is nothing by default", async () => {
    register();
    const { url, seen } = await echo();
    await tracedFetch()(url);
    expect(seen.map(told)).toEqual([[]]);
  });

  describe.each([301, 302, 303, 307, 308])("a redirect with status %d", (status) => {
    /** Two servers, of which the first one is listed and leads to the second. */
    async function redirecting() {
      const arrivals: unknown[] = [];
      const toldAt: string[][] = [];
      const other = await serve((request, response) => {
        const { method, url } = request;
        const { authorization, cookie, "content-type": type, "x-own": own } = request.headers;
        toldAt.push(told(request.headers));
        let body = "";
        request.on("data", (chunk: Buffer) => (body += chunk.toString()));
        request.on("end", () => {
          arrivals.push({ method, url, authorization, cookie, type, own, body });
          response.end("there");
        });
      });
      const listed = await echo((request, response) => {
        const location = request.url === "/again" ? `${other.replace("127.0.0.1", "localhost")}/b` : "/again";
        request.resume().on("end", () => response.writeHead(status, { location }).end("moved"));
      });
      return { url: `${listed.url}/a`, listed, arrivals, toldAt };
    }

    it.each([
      ["GET", undefined],
      ["HEAD", undefined],
      ["POST", "a body"],
      ["POST", new URLSearchParams({ a: "1" })],
      ["PUT", "a body"],
    ])("of %s %j tells no host that is not listed, and is what fetch makes of it", async (method, body) => {
      register();
      const { url, listed, arrivals, toldAt } = await redirecting();
      const fetch = tracedFetch({ propagateTo: ["127.0.0.1"] });
      const headers = { authorization: "a", cookie: "b=c", "x-own": "d" };
      const outcome = async (send: typeof globalThis.fetch): Promise<unknown> => {
        const response = await send(url, { method, headers, ...(body && { body }) });
        return [response.status, response.url, response.redirected, await response.text()];
      };
      const expected = await outcome(globalThis.fetch);
      expect(await withSpan("work", () => outcome(fetch))).toEqual(expected);
      expect(arrivals[1]).toEqual(arrivals[0]);
      expect(toldAt).toEqual([[], []]);
      expect(listed.seen.map(told).slice(2)).toEqual([["traceparent"], ["traceparent"]]);
    });
  });

  it("is the same after a redirect, where fetch has to follow it: a body that is sent once", async () => {
    register();
    const target = await echo();
    const from = await echo((request, response) => {
      request.resume().on("end", () => response.writeHead(307, { location: target.url }).end());
    });
    const fetch = tracedFetch({ propagateTo: ["127.0.0.1"] });
    const request = new Request(from.url, { method: "POST", body: "a body" });
    expect((await fetch(request)).redirected).toBe(true);
    expect(target.seen).toHaveLength(1);
  });

  it.each(["mailto:ann@example.com", "http://", undefined])("a redirect to %s ends as with fetch", async (location) => {
    register();
    const { url } = await echo(
      (_request, response) => void response.writeHead(302, { ...(location && { location }) }).end(),
    );
    const outcome = (send: typeof globalThis.fetch) => send(url).then(({ status }) => status, String);
    expect(await outcome(tracedFetch({ propagateTo: ["*"] }))).toBe(await outcome(globalThis.fetch));
  });

  it("redirects without end end as with fetch", async () => {
    register();
    const { url, seen } = await echo((_request, response) => void response.writeHead(302, { location: "/" }).end());
    const outcome = (send: typeof globalThis.fetch) => send(url).then(({ status }) => status, String);
    expect(await outcome(tracedFetch({ propagateTo: ["*"] }))).toBe(await outcome(globalThis.fetch));
    expect(seen).toHaveLength(42);
  });

  it("is where the request comes from, if its host is listed: one trace through two servers", async () => {
    const recorded = register();
    const answer = (_request: IncomingMessage, response: ServerResponse) => void response.end();
    const orders = await echo(traceNodeHandler(answer, { route: "/orders" }));
    const fetch = tracedFetch({ propagateTo: ["127.0.0.1"] });
    const order = (_request: IncomingMessage, response: ServerResponse) =>
      void fetch(orders.url).then(() => response.end());
    const shop = await serve(traceNodeHandler(order));
    await globalThis.fetch(shop, { headers: { "x-correlation-id": "order-7" } });
    await arrived(recorded, 3);
    expect(recorded.tree("correlation.id")).toBe(
      "GET [server] {correlation.id=order-7}\n" +
        "└─ GET [client] {correlation.id=order-7}\n" +
        "   └─ GET /orders [server] {correlation.id=order-7}",
    );
    expect(orders.seen[0]).toMatchObject({ baggage: "correlation.id=order-7", "x-correlation-id": "order-7" });
  });

  it.each([
    [["api.example.com"], [true, false, false, false]],
    [["*.example.com"], [true, false, true, false]],
    [["EXAMPLE.com:443"], [false, true, false, false]],
    [["[::1]:8080"], [false, false, false, true]],
    [["*"], [true, true, true, true]],
    [(url: URL) => url.port === "8080", [false, false, false, true]],
    [() => { throw new Error("no"); }, [false, false, false, false]], // prettier-ignore
  ] as const)("goes to %s", async (propagateTo, expected) => {
    register();
    const seen: boolean[] = [];
    const fetch = tracedFetch({
      propagateTo,
      fetch: (_input, init) => {
        seen.push(new Headers(init?.headers).has("traceparent"));
        return Promise.resolve(new Response());
      },
    });
    const urls = [
      "https://api.example.com/",
      "https://example.com/",
      "https://a.b.example.com/x",
      "http://[::1]:8080/",
    ];
    for (const url of urls) await fetch(url);
    expect(seen).toEqual(expected);
  });

  it("is in headers of its own: those given are never changed, and those for other hosts are the ones given", async () => {
    register();
    const seen: unknown[] = [];
    const send: typeof globalThis.fetch = (input, init) => {
      seen.push(input, init);
      return Promise.resolve(new Response());
    };
    const fetch = tracedFetch({ propagateTo: ["yes.example"], fetch: send });
    const headers = Object.freeze({ "X-Mine": "1" });
    const init = Object.freeze({ headers, method: "POST", body: "x" });
    await fetch("https://no.example/", init);
    expect(seen[1]).toBe(init);
    await fetch("https://yes.example/", init);
    const sent = seen[3] as RequestInit;
    expect(sent).toEqual({ ...init, headers: expect.any(Headers), redirect: "manual" });
    expect([...(sent.headers as Headers).keys()]).toEqual(["traceparent", "x-mine"]);
    const request = new Request("https://yes.example/", { headers });
    await fetch(request);
    expect([seen[4] === request, [...request.headers.keys()]]).toEqual([true, ["x-mine"]]);
    expect([...((seen[5] as RequestInit).headers as Headers).keys()]).toEqual(["traceparent", "x-mine"]);
  });

  it("replaces the context of an own caller that was passed on, and keeps an own correlation id", async () => {
    register();
    const { url, seen } = await echo();
    const headers = { Traceparent: traceparent(), tracestate: "a=b", "X-Correlation-ID": "mine", baggage: "a=b" };
    await tracedFetch({ propagateTo: ["127.0.0.1"] })(url, { headers });
    expect(seen[0]?.["traceparent"]).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-0\d$/);
    expect(seen[0]?.["traceparent"]).not.toContain(PARENT_ID);
    expect([told(seen[0]), seen[0]?.["x-correlation-id"]]).toEqual([
      ["traceparent", "baggage", "x-correlation-id"],
      "mine",
    ]);
  });

  it("includes baggage of the program's own", async () => {
    register();
    const { url, seen } = await echo();
    const baggage = propagation.createBaggage({ tenant: { value: "a b" } });
    const fetch = tracedFetch({ propagateTo: ["127.0.0.1"] });
    await withOtelContext(propagation.setBaggage(context.active(), baggage), () => fetch(url));
    expect(seen[0]?.["baggage"]).toBe("tenant=a%20b");
  });

  it("is that nothing is sampled, where nothing is", async () => {
    const recorded = register({ sampler: new AlwaysOffSampler() });
    const { url, seen } = await echo();
    await tracedFetch({ propagateTo: ["*"] })(url);
    expect(seen[0]?.["traceparent"]).toMatch(/-00$/);
    expect(recorded.spans()).toEqual([]);
  });
});

describe("what is not traced", () => {
  afterEach(() => vi.restoreAllMocks());

  it("are requests without a provider, and those while tracing is suppressed: fetch gets what it was given", async () => {
    const { url, seen } = await echo();
    const fetch = tracedFetch({ propagateTo: ["*"] });
    await fetch(url);
    const recorded = register();
    await suppressTracing(() => fetch(url));
    expect([seen.map(told), recorded.spans()]).toEqual([[[], []], []]);
  });

  it("are exports of telemetry, also where the global fetch traces", async () => {
    const recorded = register();
    const { url, seen } = await echo((_request, response) => response.end("{}"));
    const traced = tracedFetch({ propagateTo: ["*"] });
    vi.spyOn(globalThis, "fetch").mockImplementation(traced);
    const exporter = otlp({ endpoint: url });
    const { text } = encodeSpans([span()], { resource, scope });
    expect(await exporter.send([text], { env: () => undefined })).toMatchObject({ outcome: "delivered" });
    const headers = { "User-Agent": "OTel-OTLP-Exporter-JavaScript/0.223.1" };
    await globalThis.fetch(`${url}/v1/metrics`, { method: "POST", headers });
    expect([seen.length, recorded.spans()]).toEqual([2, []]);
    await globalThis.fetch(`${url}/v1/traces`);
    expect(recorded.tree("url.full")).toBe(`GET [client] {url.full=${url}/v1/traces}`);
  });

  it("a fetch that traces already is not traced again", async () => {
    const recorded = register();
    const { said, diagnostics } = diagnosed();
    const { url } = await echo();
    const once = tracedFetch();
    const twice = tracedFetch({ fetch: once, diagnostics });
    await twice(url);
    expect([twice === once, recorded.tree(), said]).toEqual([true, "GET [client]", ["http.wrapped_twice"]]);
  });

  it("what the platform's fetch does is not traced by others; what a fetch of yours does is", async () => {
    const recorded = register();
    const instrumented = () => withSpan("below", () => Promise.resolve(new Response()));
    vi.spyOn(globalThis, "fetch").mockImplementation(instrumented);
    await tracedFetch()("https://x.example/");
    await tracedFetch({ fetch: instrumented })("https://x.example/");
    expect(recorded.tree()).toBe("GET [client]\n\nGET [client]\n└─ below");
  });
});
