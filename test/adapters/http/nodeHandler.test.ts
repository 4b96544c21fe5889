/** Servers on node:http: their spans, and that they answer as they do without. */
import { once } from "node:events";
import { createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from "node:http";
import { createServer as createHttp2Server, connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { setHttpRoute, traceNodeErrors, traceNodeHandler } from "../../../src/adapters/http/index.js";
import { getActiveSpan, getCorrelationId, withSpan } from "../../../src/index.js";
import { arrived, diagnosed, PARENT_ID, register, serve, traceparent, TRACE_ID } from "./support.js";

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

const STATUS = "http.response.status_code";

describe("a traced request", () => {
  it("is a SERVER span that is active in the handler and ends with the response", async () => {
    const recorded = register();
    const handler: Handler = (_request, response) =>
      withSpan("look up", async () => {
        await Promise.resolve();
        setTimeout(() => withSpan("later", () => response.end("done")), 2);
      });
    const url = await serve(traceNodeHandler(handler, { route: "/items/:id", endpointClass: "detail" }));
    const response = await fetch(`${url}/items/42?q=cats`, { headers: { "user-agent": "test/1" } });
    expect(await response.text()).toBe("done");
    await arrived(recorded, 3);
    expect(recorded.tree(STATUS)).toBe(`GET /items/:id [server] {${STATUS}=200}\n└─ look up\n   └─ later`);
    const { attributes } = recorded.spans().find(({ kind }) => kind === "server") ?? expect.fail("no span");
    expect(attributes).toEqual({
      "http.request.method": "GET",
      "http.route": "/items/:id",
      "convex.http.endpoint.class": "detail",
      "url.path": "/items/42",
      "url.query": "q=REDACTED",
      "url.scheme": "http",
      "server.address": "127.0.0.1",
      "server.port": Number(new URL(url).port),
      "user_agent.original": "test/1",
      "network.protocol.version": "1.1",
      "correlation.id": response.headers.get("x-correlation-id"),
      [STATUS]: 200,
    });
  });

  it("continues its caller, and answers with the correlation id", async () => {
    const recorded = register();
    const url = await serve(traceNodeHandler((_request, response) => void response.end(getCorrelationId())));
    const headers = { traceparent: traceparent(), "x-correlation-id": "order-7" };
    const response = await fetch(url, { headers });
    expect([await response.text(), response.headers.get("x-correlation-id")]).toEqual(["order-7", "order-7"]);
    await arrived(recorded, 1);
    const [span] = recorded.spans();
    expect([span?.traceId, span?.parentSpanId]).toEqual([TRACE_ID, PARENT_ID]);
  });

  it("is a trace of its own although the server was started within a span", async () => {
    const recorded = register();
    const url = await withSpan("start", () => serve(traceNodeHandler((_request, response) => void response.end())));
    await fetch(url);
    await arrived(recorded, 2);
    expect(recorded.tree()).toBe("start\n\nGET [server]");
  });

  it.each(["HEAD", "DELETE", "OPTIONS"])("%s without a body", async (method) => {
    const recorded = register();
    const handler: Handler = (_request, response) => response.writeHead(204).end();
    const url = await serve(traceNodeHandler(handler));
    expect((await fetch(url, { method })).status).toBe(204);
    await arrived(recorded, 1);
    expect(recorded.tree(STATUS)).toBe(`${method} [server] {${STATUS}=204}`);
  });

  it("early hints and 100 Continue are no answers", async () => {
    const recorded = register();
    const handler: Handler = (_request, response) => {
      response.writeEarlyHints({ link: "</a.css>; rel=preload" });
      response.writeHead(200, { "x-correlation-id": "mine" }).end("x");
    };
    const url = await serve(traceNodeHandler(handler));
    const request = httpRequest(url, { method: "PUT", headers: { expect: "100-continue" } });
    const between: number[] = [];
    request.on("information", ({ statusCode }) => between.push(statusCode));
    request.on("continue", () => request.end("body"));
    const [response] = (await once(request, "response")) as [IncomingMessage];
    response.resume();
    expect([between, response.statusCode, response.headers["x-correlation-id"]]).toEqual([[100, 103], 200, "mine"]);
    await arrived(recorded, 1);
    expect(recorded.tree(STATUS)).toBe(`PUT [server] {${STATUS}=200}`);
  });

  it("HTTP/2, by its compatibility layer", async () => {
    const recorded = register();
    const server = createHttp2Server(
      traceNodeHandler((_request, response) => void response.end("two"), { route: "/two" }),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const client = connectHttp2(`http://127.0.0.1:${port}`);
    const stream = client.request({ ":path": "/two?a=b" });
    const [headers] = await once(stream, "response");
    stream.resume();
    await once(stream, "end");
    await arrived(recorded, 1);
    client.close();
    await new Promise((resolve) => server.close(resolve));
    expect(headers["x-correlation-id"]).toMatch(/./);
    expect(recorded.tree("network.protocol.version", "server.port", "url.path")).toBe(
      `GET /two [server] {network.protocol.version=2.0 server.port=${port} url.path=/two}`,
    );
  });

  it("a target that is a whole URL, as proxies are asked", async () => {
    const recorded = register();
    const url = await serve(traceNodeHandler((_request, response) => void response.end()));
    const request = httpRequest(url, {
      path: "http://user:pw@other.example/a?b=c",
      headers: { host: "other.example" },
    });
    request.end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    response.resume();
    await arrived(recorded, 1);
    expect(recorded.tree("url.path", "url.query", "server.address")).toBe(
      "GET [server] {url.path=/a url.query=b=REDACTED server.address=other.example}".replace(
        "b=REDACTED",
        JSON.stringify("b=REDACTED"),
      ),
    );
  });

  it("routes can be said, or asked for at the end", async () => {
    const recorded = register();
    const url = await serve(
      traceNodeHandler(
        (request: IncomingMessage & { matched?: string }, response: ServerResponse) => {
          if (request.url === "/said") setHttpRoute("/said");
          else request.matched = "/matched/:id";
          response.end();
        },
        { route: ({ matched }) => matched },
      ),
    );
    await fetch(`${url}/said`);
    await fetch(`${url}/matched/1`);
    await arrived(recorded, 2);
    expect(recorded.tree()).toBe("GET /said [server]\n\nGET /matched/:id [server]");
  });
});

describe("ends", () => {
  it("statuses of 500 and above are errors", async () => {
    const recorded = register();
    const handler: Handler = (request, response) => response.writeHead(Number(request.url?.slice(1))).end();
    const url = await serve(traceNodeHandler(handler));
    for (const status of [200, 404, 500, 503]) await (await fetch(`${url}/${status}`)).text();
    await arrived(recorded, 4);
    expect(recorded.tree(STATUS)).toBe(
      [
        `GET [server] {${STATUS}=200}`,
        `GET [server] {${STATUS}=404}`,
        `GET [server] {${STATUS}=500}\n  ! error: 500`,
        `GET [server] {${STATUS}=503}\n  ! error: 503`,
      ].join("\n\n"),
    );
  });

  it("a client that leaves is no error", async () => {
    const recorded = register();
    let arrive = (): void => {};
    const arrival = new Promise<void>((resolve) => (arrive = resolve));
    const url = await serve(traceNodeHandler(() => arrive()));
    const client = new AbortController();
    const answer = fetch(url, { signal: client.signal });
    await arrival;
    client.abort();
    await expect(answer).rejects.toThrow();
    await arrived(recorded, 1);
    expect(recorded.tree(STATUS)).toBe("GET [server]\n  * response.cancelled");
  });

  it("nor is one that leaves while it reads", async () => {
    const recorded = register();
    const handler: Handler = (_request, response) => void response.write("part");
    const url = await serve(traceNodeHandler(handler));
    const client = new AbortController();
    const response = await fetch(url, { signal: client.signal });
    client.abort();
    await expect(response.text()).rejects.toThrow();
    await arrived(recorded, 1);
    expect(recorded.tree(STATUS)).toBe(`GET [server] {${STATUS}=200}\n  * response.cancelled`);
  });

  it("a response that the server breaks off with an error is one", async () => {
    const recorded = register();
    const handler: Handler = (_request, response) => void response.destroy(new RangeError("disk"));
    const url = await serve(traceNodeHandler(handler));
    await expect(fetch(url)).rejects.toThrow();
    await arrived(recorded, 1);
    expect(recorded.tree()).toBe("GET [server]\n  ! error: RangeError\n  * exception");
  });

  it("what a handler throws is recorded and thrown on, and a rejection stays one", async () => {
    const recorded = register();
    const error = new RangeError("too far");
    const outcomes: unknown[] = [];
    const catching =
      (handler: Handler): Handler =>
      (request, response) => {
        const answer = (thrown: unknown) => {
          outcomes.push(thrown);
          response.writeHead(500).end();
        };
        try {
          const result = handler(request, response);
          if (result instanceof Promise) result.catch(answer);
        } catch (thrown) {
          answer(thrown);
        }
      };
    const sync = await serve(catching(traceNodeHandler((): unknown => { throw error; }))); // prettier-ignore
    const async = await serve(catching(traceNodeHandler((): unknown => Promise.reject(error))));
    for (const url of [sync, async]) expect((await fetch(url)).status).toBe(500);
    await arrived(recorded, 2);
    expect([outcomes[0] === error, outcomes[1] === error]).toEqual([true, true]);
    expect(recorded.tree()).toBe(
      "GET [server]\n  ! error: RangeError\n  * exception\n\nGET [server]\n  ! error: RangeError",
    );
  });
});

describe("what is not touched", () => {
  it("upgrades go past the handler", async () => {
    const recorded = register();
    const handler: Handler = (_request, response) => void response.end();
    const server = createServer(traceNodeHandler(handler));
    server.on("upgrade", (_request, socket) => socket.end("HTTP/1.1 101 Switching Protocols\r\n\r\nhello"));
    const url = new URL(await serve(server));
    const socket = connect(Number(url.port), url.hostname);
    socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    const [data] = await once(socket, "data");
    expect(String(data)).toContain("hello");
    expect(recorded.spans()).toEqual([]);
  });

  it("without a provider a response has no other headers than the handler's", async () => {
    const url = await serve(traceNodeHandler((_request, response) => void response.end("x")));
    const response = await fetch(url);
    expect(response.headers.has("x-correlation-id")).toBe(false);
  });

  it("what is no request or no response at all reaches the handler, and is reported", () => {
    const recorded = register();
    const { said, diagnostics } = diagnosed();
    const handler = traceNodeHandler((...args: unknown[]) => args, { diagnostics } as never) as unknown;
    for (const args of [[], [{}, {}], [{ headers: {} }, { end() {} }], [null, 1]]) {
      expect(Reflect.apply(handler as () => unknown, undefined, args)).toEqual(args);
    }
    expect([said, recorded.spans()]).toEqual([["http.not_traced"], []]);
  });

  it("a request has the members that it has without", async () => {
    const membersIn = async (wrap: (handler: Handler) => Handler): Promise<unknown> => {
      const handler: Handler = (request, response) => {
        const copied = Reflect.ownKeys({ ...request });
        response.end(JSON.stringify([copied.map(String), Object.keys(request)]));
      };
      return (await fetch(await serve(wrap(handler)))).json();
    };
    register();
    expect(await membersIn(traceNodeHandler)).toEqual(await membersIn((handler) => handler));
  });

  it("the name that a handler gives its span, where the route was known before", async () => {
    const recorded = register();
    const handler: Handler = (_request, response) => {
      getActiveSpan()?.updateName("mine");
      response.end();
    };
    await fetch(await serve(traceNodeHandler(handler, { route: "/items/:id" })));
    await arrived(recorded, 1);
    expect(recorded.tree("http.route")).toBe("mine [server] {http.route=/items/:id}");
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["an object that cannot be looked at", new Proxy({}, { getOwnPropertyDescriptor: () => expect.fail("looked at") })],
  ])("an error is passed on, also with %s for a request", (_what, request) => {
    register();
    const passed: unknown[] = [];
    traceNodeErrors()("thrown", request as never, {}, (error) => passed.push(error));
    expect(passed).toEqual(["thrown"]);
  });

  it("a request that is frozen is traced", () => {
    const recorded = register();
    const request = Object.freeze({ method: "GET", url: "/", headers: {} });
    const response = { once() {}, getHeader() {}, setHeader() {}, statusCode: 200, headersSent: false };
    traceNodeHandler(() => withSpan("work", () => undefined))(request, response as never);
    expect(recorded.tree()).toContain("work");
  });

  it("a response whose headers have been sent", async () => {
    const recorded = register();
    const traced = traceNodeHandler((_request: IncomingMessage, response: ServerResponse) => void response.end("b"));
    const url = await serve((request, response) => {
      response.write("a");
      traced(request, response);
    });
    const response = await fetch(url);
    expect([await response.text(), response.headers.has("x-correlation-id")]).toEqual(["ab", false]);
    await arrived(recorded, 1);
    expect(recorded.tree(STATUS)).toBe(`GET [server] {${STATUS}=200}`);
  });

  it("requests that are ignored, with all below them", async () => {
    const recorded = register();
    const handler: Handler = (_request, response) => withSpan("check", () => response.end());
    const url = await serve(traceNodeHandler(handler, { ignore: ["/healthz"] }));
    expect((await fetch(`${url}/healthz?verbose`)).headers.has("x-correlation-id")).toBe(false);
    await fetch(`${url}/health`);
    await arrived(recorded, 2);
    expect(recorded.tree("url.path")).toBe("GET [server] {url.path=/health}\n└─ check");
  });
});

describe("two wrappers", () => {
  it("make one span, and say so once", async () => {
    const recorded = register();
    const { said, diagnostics } = diagnosed();
    const handler = traceNodeHandler((_request: IncomingMessage, response: ServerResponse) => void response.end());
    expect(traceNodeHandler(handler, { diagnostics })).toBe(handler);
    const inner = traceNodeHandler((_request: IncomingMessage, response: ServerResponse) => void response.end(), {
      route: "/inner",
      diagnostics,
    });
    const outer = (request: IncomingMessage, response: ServerResponse) => inner(request, response);
    const url = await serve(traceNodeHandler(outer));
    for (let i = 0; i < 2; i++) await fetch(url);
    await arrived(recorded, 2);
    expect(recorded.tree()).toBe("GET /inner [server]\n\nGET /inner [server]");
    expect(said).toEqual(["http.wrapped_twice", "http.wrapped_twice"]);
  });
});
