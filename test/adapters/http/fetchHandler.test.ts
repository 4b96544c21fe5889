/** Handlers of web standard requests: their spans, and that they do what they do without. */
import { context, propagation } from "@opentelemetry/api";
import { AlwaysOffSampler, AlwaysOnSampler } from "@opentelemetry/sdk-trace-base";
import { describe, expect, it } from "vitest";
import { setHttpRoute, traceFetchHandler } from "../../../src/adapters/http/index.js";
import { getActiveSpan, getCorrelationId, injectHeaders, suppressTracing, withSpan } from "../../../src/index.js";
import { diagnosed, PARENT_ID, register, traceparent, TRACE_ID } from "./support.js";

const URL_OF_ITEM = "https://api.example.com/items/42?q=secret&page=2";

const ok = () => new Response("fine");

describe("a traced request", () => {
  it("is a SERVER span named by its route, active in the handler", async () => {
    const recorded = register();
    const handler = traceFetchHandler(
      async () => {
        await Promise.resolve();
        return withSpan("look up", () => Response.json({ id: 42 }));
      },
      { route: "/items/:id", endpointClass: "detail" },
    );
    const response = await handler(new Request(URL_OF_ITEM, { headers: { "user-agent": "test/1" } }));
    expect(await response.json()).toEqual({ id: 42 });
    const names = ["http.route", "convex.http.endpoint.class", "http.response.status_code"];
    expect(recorded.tree(...names)).toBe(
      "GET /items/:id [server] {http.route=/items/:id convex.http.endpoint.class=detail http.response.status_code=200}\n" +
        "└─ look up",
    );
    const { attributes } = recorded.spans().find(({ kind }) => kind === "server") ?? expect.fail("no span");
    expect(attributes).toEqual({
      "http.request.method": "GET",
      "http.route": "/items/:id",
      "convex.http.endpoint.class": "detail",
      "url.path": "/items/42",
      "url.query": "q=REDACTED&page=REDACTED",
      "url.scheme": "https",
      "server.address": "api.example.com",
      "user_agent.original": "test/1",
      "correlation.id": response.headers.get("x-correlation-id"),
      "http.response.status_code": 200,
    });
  });

  it("ends with a synchronous handler as with an asynchronous one, and stays what it was", async () => {
    const recorded = register();
    const response = ok();
    const sync = traceFetchHandler(() => response)(new Request(URL_OF_ITEM));
    const promise = traceFetchHandler(async () => response)(new Request(URL_OF_ITEM));
    expect([sync, promise instanceof Promise, await promise]).toEqual([response, true, response]);
    expect(recorded.tree()).toBe("GET [server]\n\nGET [server]");
  });

  it("is asked for with a request, also where a platform makes none for handlers without parameters", () => {
    expect(traceFetchHandler(() => new Response("ok")).length).toBe(1);
    expect(traceFetchHandler((_request: Request, _context: object) => new Response("ok")).length).toBe(2);
  });

  it("passes on what it is called with, and `this`", () => {
    register();
    const seen: unknown[] = [];
    const waitUntil = () => {};
    const worker = {
      name: "worker",
      fetch: traceFetchHandler(function (this: { name: string }, request: Request, env: object, ctx: object) {
        seen.push(this.name, request.url, env, ctx);
        return ok();
      }),
    };
    const env = {};
    const ctx = { waitUntil };
    worker.fetch(new Request(URL_OF_ITEM), env, ctx);
    expect(seen).toEqual(["worker", URL_OF_ITEM, env, ctx]);
    expect(seen[3]).toBe(ctx);
  });

  it.each([
    ["POST", "POST", "POST", undefined],
    ["PURGE", "HTTP", "_OTHER", "PURGE"],
    ["get", "GET", "GET", undefined],
  ])("names the method %s", (method, name, known, original) => {
    const recorded = register();
    traceFetchHandler(ok)(new Request(URL_OF_ITEM, { method }));
    const names = ["http.request.method", "http.request.method_original"];
    const rest = original === undefined ? "" : ` http.request.method_original=${original}`;
    expect(recorded.tree(...names)).toBe(`${name} [server] {http.request.method=${known}${rest}}`);
  });
});

describe("errors", () => {
  it("a thrown error is recorded once and thrown on, the same object", async () => {
    const recorded = register();
    const error = new RangeError("too far");
    const handler = traceFetchHandler(() => withSpan("work", () => Promise.reject(error)), { route: "/x" });
    await expect(handler(new Request(URL_OF_ITEM))).rejects.toBe(error);
    const sync = traceFetchHandler(() => { throw error; }); // prettier-ignore
    expect(() => sync(new Request(URL_OF_ITEM))).toThrow(error);
    expect(recorded.tree()).toBe(
      "GET /x [server]\n│ ! error: RangeError\n└─ work\n     ! error: RangeError\n     * exception\n\n" +
        "GET [server]\n  ! error: RangeError",
    );
  });

  it.each([
    [200, "GET [server] {http.response.status_code=200}"],
    [404, "GET [server] {http.response.status_code=404}"],
    [500, "GET [server] {http.response.status_code=500}\n  ! error: 500"],
    [503, "GET [server] {http.response.status_code=503}\n  ! error: 503"],
  ])("status %i", (status, tree) => {
    const recorded = register();
    traceFetchHandler(() => new Response(null, { status }))(new Request(URL_OF_ITEM));
    expect(recorded.tree("http.response.status_code")).toBe(tree);
  });

  it("what fails because the client has left is no error", async () => {
    const recorded = register();
    const client = new AbortController();
    const request = new Request(URL_OF_ITEM, { signal: client.signal });
    const answer = traceFetchHandler(({ signal }) => Promise.reject(signal.reason));
    client.abort();
    await expect(answer(request)).rejects.toBe(request.signal.reason);
    expect(recorded.tree()).toBe("GET [server]\n  * response.cancelled");
  });

  it.each([undefined, null, "text", { ok: true }])("a handler that returns %j is left alone", (value) => {
    const recorded = register();
    expect(traceFetchHandler(() => value)(new Request(URL_OF_ITEM))).toBe(value);
    expect(recorded.tree("http.response.status_code")).toBe("GET [server]");
  });

  it("what is no request at all reaches the handler, and is reported once", () => {
    const recorded = register();
    const { said, diagnostics } = diagnosed();
    const handler = traceFetchHandler((request: Request) => typeof request, { diagnostics });
    expect([handler(undefined as never), handler("x" as never)]).toEqual(["undefined", "string"]);
    expect([said, recorded.tree()]).toEqual([["http.not_traced"], ""]);
  });
});

describe("the response", () => {
  it("is the same object, with the correlation id", () => {
    register();
    const response = ok();
    expect(traceFetchHandler(() => response)(new Request(URL_OF_ITEM))).toBe(response);
    expect(response.headers.get("x-correlation-id")).toMatch(/^[\da-f-]{36}$/);
  });

  it("keeps a correlation id of the handler's own", () => {
    register();
    const response = new Response(null, { headers: { "x-correlation-id": "mine" } });
    traceFetchHandler(() => response)(new Request(URL_OF_ITEM));
    expect(response.headers.get("x-correlation-id")).toBe("mine");
  });

  it("with headers that cannot be changed is copied around the same body", async () => {
    register();
    const redirect = traceFetchHandler(() => Response.redirect("https://example.com/", 307))(new Request(URL_OF_ITEM));
    expect([redirect.status, redirect.headers.get("location")]).toEqual([307, "https://example.com/"]);
    expect(redirect.headers.get("x-correlation-id")).toMatch(/./);
    const fetched = await fetch("data:text/plain,hello");
    const copy = traceFetchHandler(() => fetched)(new Request(URL_OF_ITEM));
    expect(copy.body).toBe(fetched.body);
    expect([await copy.text(), copy.headers.get("content-type")]).toEqual(["hello", "text/plain"]);
    expect(copy.headers.get("x-correlation-id")).toMatch(/./);
  });

  it("that cannot be copied is left as it is", async () => {
    const recorded = register();
    const error = Response.error();
    expect(traceFetchHandler(() => error)(new Request(URL_OF_ITEM))).toBe(error);
    const read = await fetch("data:text/plain,hello");
    await read.text();
    expect(traceFetchHandler(() => read)(new Request(URL_OF_ITEM))).toBe(read);
    const socket = Object.assign(await fetch("data:text/plain,hello"), { webSocket: {} });
    expect(traceFetchHandler(() => socket)(new Request(URL_OF_ITEM))).toBe(socket);
    expect(recorded.spans()).toHaveLength(3);
  });

  it("streams: nothing is read ahead, and the span has ended before the body has", async () => {
    const recorded = register();
    let pulls = 0;
    const body = new ReadableStream<Uint8Array>(
      { pull: (controller) => (pulls++ < 3 ? controller.enqueue(new Uint8Array([pulls])) : controller.close()) },
      { highWaterMark: 0 },
    );
    const response = traceFetchHandler(() => new Response(body))(new Request(URL_OF_ITEM));
    expect([pulls, recorded.spans().length]).toEqual([0, 1]);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([1, 2, 3]));
  });
});

describe("the caller's context", () => {
  const call = (headers: Record<string, string>, options = {}) =>
    traceFetchHandler(ok, options)(new Request(URL_OF_ITEM, { headers }));

  it("is continued by default", () => {
    const recorded = register();
    call({ traceparent: traceparent(), tracestate: "vendor=1" });
    const [span] = recorded.spans();
    expect([span?.traceId, span?.parentSpanId, span?.traceState]).toEqual([TRACE_ID, PARENT_ID, "vendor=1"]);
  });

  it("is linked, or ignored", () => {
    const recorded = register();
    call({ traceparent: traceparent() }, { publicContext: "link" });
    call({ traceparent: traceparent() }, { publicContext: "ignore" });
    const [linked, ignored] = recorded.spans();
    expect([linked?.parentSpanId, ignored?.parentSpanId, ignored?.links]).toEqual([undefined, undefined, []]);
    expect(linked?.links.map(({ context: { spanId } }) => spanId)).toEqual([PARENT_ID]);
    expect([linked?.traceId, ignored?.traceId]).not.toContain(TRACE_ID);
  });

  it("that was not sampled is followed if the sampler says so", () => {
    const recorded = register();
    call({ traceparent: traceparent(false) });
    expect(recorded.spans()).toEqual([]);
  });

  it("that was not sampled is a link where the sampler keeps the request: nobody would ever see the parent", () => {
    const recorded = register({ sampler: new AlwaysOnSampler() });
    call({ traceparent: traceparent(false) });
    expect(recorded.spans()).toHaveLength(1);
    expect(recorded.tree()).toBe(`GET [server]\n  ~ link to ${TRACE_ID.slice(0, 8)}/${PARENT_ID.slice(0, 8)}`);
  });

  it("brings a valid correlation id, and no other baggage", () => {
    register();
    let seen: unknown;
    const handler = traceFetchHandler(() => {
      seen = propagation.getBaggage(context.active())?.getAllEntries();
      return ok();
    });
    const response = handler(new Request(URL_OF_ITEM, { headers: { baggage: "user=7,correlation.id=evt_1" } }));
    expect(seen).toEqual([["correlation.id", { value: "evt_1" }]]);
    expect(response.headers.get("x-correlation-id")).toBe("evt_1");
  });

  it.each(["", "a b", "x".repeat(129), "a,b", "%0d%0a"])("the correlation id %j is replaced", (id) => {
    register();
    const given = call({ "x-correlation-id": id }).headers.get("x-correlation-id");
    expect(given).toMatch(/^[\da-f-]{36}$/);
  });
});

describe("the correlation id", () => {
  it("is on every span of the request, for the program to read, and in what it sends on", async () => {
    const recorded = register();
    let seen: unknown;
    const handler = traceFetchHandler(async () =>
      withSpan("outer", async () => {
        await withSpan("inner", () => Promise.resolve());
        seen = [getCorrelationId(), injectHeaders(new Headers()).get("x-correlation-id"), injectHeaders({})];
        return ok();
      }),
    );
    await handler(new Request(URL_OF_ITEM, { headers: { "x-correlation-id": "order-7" } }));
    expect(recorded.tree("correlation.id")).toBe(
      "GET [server] {correlation.id=order-7}\n└─ outer {correlation.id=order-7}\n   └─ inner {correlation.id=order-7}",
    );
    const traceparent = expect.stringMatching(/^00-/);
    const headers = { traceparent, baggage: "correlation.id=order-7", "x-correlation-id": "order-7" };
    expect(seen).toEqual(["order-7", "order-7", headers]);
    expect(getCorrelationId()).toBeUndefined();
  });

  it("is there in a request that is not sampled", () => {
    const recorded = register({ sampler: new AlwaysOffSampler() });
    let seen: unknown;
    const handler = traceFetchHandler(() => {
      seen = getCorrelationId();
      return ok();
    });
    const response = handler(new Request(URL_OF_ITEM, { headers: { "x-correlation-id": "order-7" } }));
    expect([seen, response.headers.get("x-correlation-id"), recorded.spans()]).toEqual(["order-7", "order-7", []]);
  });

  it("does not leak between requests that overlap", async () => {
    register();
    const handler = traceFetchHandler(async (request) => {
      await new Promise((resolve) => setTimeout(resolve, request.url.endsWith("a") ? 5 : 1));
      return new Response(getCorrelationId());
    });
    const ask = async (id: string) =>
      (await handler(new Request(`https://x.example/${id}`, { headers: { "x-correlation-id": id } }))).text();
    expect(await Promise.all(["a", "b", "c"].map(ask))).toEqual(["a", "b", "c"]);
  });
});

describe("routes", () => {
  it("come from a function that is asked at the end, with all arguments", () => {
    const recorded = register();
    const handler = traceFetchHandler((_request: Request, _params: { route: string }) => ok(), {
      route: (_request, params) => params.route,
      endpointClass: { "/a/:id": "detail", "GET /b": "search" },
    });
    handler(new Request(URL_OF_ITEM), { route: "/a/:id" });
    handler(new Request(URL_OF_ITEM), { route: "/b" });
    handler(new Request(URL_OF_ITEM), { route: "/c" });
    expect(recorded.tree("http.route", "convex.http.endpoint.class")).toBe(
      [
        "GET /a/:id [server] {http.route=/a/:id convex.http.endpoint.class=detail}",
        "GET /b [server] {http.route=/b convex.http.endpoint.class=search}",
        "GET /c [server] {http.route=/c}",
      ].join("\n\n"),
    );
  });

  it("said within the request count most", () => {
    const recorded = register();
    const handler = traceFetchHandler(
      async () => {
        await Promise.resolve();
        setHttpRoute("/said");
        return ok();
      },
      { route: "/option" },
    );
    setHttpRoute("/outside");
    return handler(new Request(URL_OF_ITEM)).then(() => expect(recorded.tree()).toBe("GET /said [server]"));
  });

  it("a function that fails costs the route only, and is reported once", () => {
    const recorded = register();
    const { said, diagnostics } = diagnosed();
    const route = () => {
      throw new Error("no route");
    };
    const handler = traceFetchHandler(ok, { route, diagnostics });
    for (let i = 0; i < 2; i++) expect(handler(new Request(URL_OF_ITEM)).status).toBe(200);
    expect(recorded.tree("http.response.status_code")).toBe(
      "GET [server] {http.response.status_code=200}\n\nGET [server] {http.response.status_code=200}",
    );
    expect(said).toEqual(["http.route_failed"]);
  });

  it("paths in place of templates are stopped", () => {
    const recorded = register();
    const { said, diagnostics } = diagnosed();
    const handler = traceFetchHandler(ok, { route: ({ url }) => new URL(url).pathname, diagnostics });
    for (let i = 0; i < 600; i++) handler(new Request(`https://x.example/items/${i}`));
    expect(new Set(recorded.spans().map(({ name }) => name)).size).toBe(501);
    expect(said).toEqual(["http.too_many_routes"]);
  });
});

describe("what is not traced", () => {
  it("is a request without a provider: the handler is called and nothing else happens", () => {
    const response = ok();
    expect(traceFetchHandler(() => response)(new Request(URL_OF_ITEM))).toBe(response);
    expect([...response.headers.keys()]).toEqual(["content-type"]);
  });

  it("is a request while tracing is suppressed", () => {
    const recorded = register();
    const response = suppressTracing(() => traceFetchHandler(ok)(new Request(URL_OF_ITEM)));
    expect([response.headers.has("x-correlation-id"), recorded.spans()]).toEqual([false, []]);
  });

  it.each([
    ["a path", ["/healthz"], [true, false]],
    ["a prefix", ["/health*"], [true, true]],
    ["a function", (request: Request) => request.url.endsWith("z"), [true, false]],
  ] as const)("is ignored by %s, with all below it", (_what, ignore, ignored) => {
    const recorded = register();
    const handler = traceFetchHandler(() => withSpan("check", ok), { ignore });
    const paths = ["/healthz", "/healthy"];
    const headers = paths.map((path) => handler(new Request(`https://x.example${path}`)).headers);
    expect(headers.map((each) => !each.has("x-correlation-id"))).toEqual(ignored);
    expect(recorded.spans()).toHaveLength(2 * ignored.filter((is) => !is).length);
  });

  it("an ignore function that fails ignores nothing, and is reported", () => {
    const recorded = register();
    const { said, diagnostics } = diagnosed();
    const ignore = () => {
      throw new Error("no");
    };
    expect(traceFetchHandler(ok, { ignore, diagnostics })(new Request(URL_OF_ITEM)).status).toBe(200);
    expect([said, recorded.tree()]).toEqual([["http.ignore_failed"], "GET [server]"]);
  });
});

describe("two wrappers", () => {
  it("of one handler make one span, and say so", () => {
    const recorded = register();
    const { said, diagnostics } = diagnosed();
    const once = traceFetchHandler(ok, { route: "/a" });
    const twice = traceFetchHandler(once, { diagnostics });
    expect(twice).toBe(once);
    twice(new Request(URL_OF_ITEM));
    expect([recorded.tree(), said]).toEqual(["GET /a [server]", ["http.wrapped_twice"]]);
  });

  it("of one request make one span, which the inner one's route names", () => {
    const recorded = register();
    const { said, diagnostics } = diagnosed();
    const inner = traceFetchHandler(ok, { route: "/items/:id", diagnostics });
    const outer = traceFetchHandler((request) => inner(request));
    outer(new Request(URL_OF_ITEM));
    outer(new Request(URL_OF_ITEM));
    expect([recorded.tree(), said]).toEqual([
      "GET /items/:id [server]\n\nGET /items/:id [server]",
      ["http.wrapped_twice"],
    ]);
  });

  it("within a request that others trace, it is a part of that, not a second SERVER span", async () => {
    const recorded = register();
    const handler = traceFetchHandler(() => ok(), { route: "/items/:id" });
    await withSpan("GET", { kind: "server" }, async () => {
      const request = new Request(URL_OF_ITEM, { headers: { traceparent: traceparent() } });
      expect(handler(request).status).toBe(200);
      expect(getActiveSpan()).toBeDefined();
    });
    expect(recorded.tree()).toBe("GET [server]\n└─ GET /items/:id");
  });
});

describe("headers and addresses", () => {
  const spanOf = (headers: Record<string, string>, options = {}) => {
    const recorded = register();
    traceFetchHandler(ok, options)(new Request("http://127.0.0.1:3000/x", { headers }));
    return recorded.spans()[0]?.attributes ?? expect.fail("no span");
  };

  it.each([
    [{}, "http", "127.0.0.1", 3000],
    [{ "x-forwarded-host": "shop.example:8443, proxy", "x-forwarded-proto": "https" }, "https", "shop.example", 8443],
    [{ forwarded: 'for=1.2.3.4;host="a.example:443";Proto=HTTPS, for=x;host=b' }, "https", "a.example", undefined],
    [{ forwarded: "host=a.example", "x-forwarded-host": "b.example" }, "http", "a.example", undefined],
    [{ "x-forwarded-host": "[2001:db8::1]:80" }, "http", "2001:db8::1", undefined],
    [{ "x-forwarded-host": "a b<script>", "x-forwarded-proto": "gopher" }, "http", "127.0.0.1", 3000],
  ])("%j", (headers, scheme, address, port) => {
    const attributes = spanOf(headers);
    const seen = ["url.scheme", "server.address", "server.port"].map((name) => attributes[name]);
    expect(seen).toEqual([scheme, address, port]);
  });

  it("are recorded only if they are listed, credentials never", () => {
    const captureHeaders = {
      request: ["X-Tenant", "Authorization", "Cookie", "x-missing"],
      response: ["Content-Type"],
    };
    const attributes = spanOf({ "x-tenant": "acme", authorization: "Bearer s", cookie: "s" }, { captureHeaders });
    const headers = Object.entries(attributes).filter(([name]) => name.includes(".header."));
    expect(headers).toEqual([
      ["http.request.header.x-tenant", ["acme"]],
      ["http.response.header.content-type", ["text/plain;charset=UTF-8"]],
    ]);
  });

  it("values of parameters are recorded on demand, but for secret ones", () => {
    const recorded = register();
    const ask = (options: object) =>
      traceFetchHandler(ok, options)(new Request("https://x.example/?q=cats&Token=s&tenant=t&naked"));
    ask({ query: "values" });
    ask({ query: "values", secretParameters: ["TENANT"] });
    expect(recorded.spans().map(({ attributes }) => attributes["url.query"])).toEqual([
      "q=cats&Token=REDACTED&tenant=t&REDACTED",
      "q=cats&Token=s&tenant=REDACTED&REDACTED",
    ]);
  });
});
