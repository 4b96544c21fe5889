/** On the provider of `registerNode`: its rules of sampling and trust hold, and it knows what a request came with. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tracedFetch, traceFetchHandler, traceNodeHandler } from "../../../src/adapters/http/index.js";
import { getCorrelationId, withSpan } from "../../../src/index.js";
import { type NodeRegistration, registerNode, type RegisterNodeOptions } from "../../../src/node/index.js";
import { otlp } from "../../../src/otlp/index.js";
import { type OtlpReceiver, spanTree, startOtlpReceiver } from "../../../src/testing/index.js";
import { PARENT_ID, serve, traceparent, TRACE_ID } from "./support.js";

let receiver: OtlpReceiver;
let tracing: NodeRegistration;

beforeEach(async () => {
  receiver = await startOtlpReceiver({ validation: "interoperable" });
});

afterEach(() => receiver.close());

const start = (options: Partial<RegisterNodeOptions> = {}) =>
  void (tracing = registerNode({ exporter: otlp({ endpoint: receiver.url }), exitSignals: [], ...options }));

/** The tree of all spans, once the provider has sent them. */
async function tree(...attributes: string[]): Promise<string> {
  await tracing.shutdown();
  return spanTree(receiver.spans, { attributes, allowRemoteParents: [PARENT_ID] });
}

const call = (headers: Record<string, string>, options: Parameters<typeof traceFetchHandler>[1] = {}) =>
  traceFetchHandler(
    () => withSpan("work", () => new Response(getCorrelationId())),
    options,
  )(new Request("https://x.example/items/42", { headers }));

describe("a provider of this library", () => {
  it("sees one trace through two servers, with the correlation id on every span", async () => {
    start();
    const answer = (_request: IncomingMessage, response: ServerResponse) =>
      withSpan("work", () => void response.end(getCorrelationId()));
    const orders = await serve(traceNodeHandler(answer, { route: "/orders" }));
    const fetch = tracedFetch({ propagateTo: ["127.0.0.1"] });
    const handler = traceFetchHandler(async () => fetch(orders), { route: "/checkout" });
    const request = new Request("https://shop.example/", { headers: { "x-correlation-id": "order-7" } });
    expect(await (await handler(request)).text()).toBe("order-7");
    expect(await tree("correlation.id")).toBe(
      "GET /checkout [server] {correlation.id=order-7}\n" +
        "└─ GET [client] {correlation.id=order-7}\n" +
        "   └─ GET /orders [server] {correlation.id=order-7}\n" +
        "      └─ work {correlation.id=order-7}",
    );
  });

  it("tells the bound of the trace with the request", async () => {
    start();
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      seen.push(request.headers["tracestate"]);
      response.end();
    });
    const fetch = tracedFetch({ propagateTo: ["127.0.0.1"] });
    await withSpan("work", () => Promise.all([fetch(url), fetch(new Request(url, { method: "POST", body: "x" }))]));
    await tracing.shutdown();
    expect(seen).toEqual([expect.stringMatching(/./), expect.stringMatching(/./)]);
  });

  it("names a request that came without an id", async () => {
    start();
    const id = await call({}).text();
    expect(id).toMatch(/^[\da-f-]{36}$/);
    expect(await tree("correlation.id")).toBe(`GET [server] {correlation.id=${id}}\n└─ work {correlation.id=${id}}`);
  });

  it("names all of a request that a framework has made the SERVER span of", async () => {
    start();
    const answer = () => withSpan("work", () => new Response(getCorrelationId()));
    const [own, given] = [{}, { "x-correlation-id": "order-7" }].map((headers) =>
      withSpan("GET /items/[id]", { kind: "server" }, () =>
        traceFetchHandler(answer, { route: "/items/[id]" })(new Request("https://x.example/", { headers })),
      ),
    );
    const id = await own?.text();
    expect([id, await given?.text()]).toEqual([own?.headers.get("x-correlation-id"), "order-7"]);
    const treeOf = (id = "") =>
      `GET /items/[id] [server] {correlation.id=${id}}\n` +
      `└─ GET /items/[id] {correlation.id=${id}}\n   └─ work {correlation.id=${id}}`;
    expect(await tree("correlation.id")).toBe(`${treeOf(id)}\n\n${treeOf("order-7")}`);
  });

  it("continues a caller", async () => {
    start();
    call({ traceparent: traceparent() });
    expect(await tree()).toBe("GET [server] (parent elsewhere)\n└─ work");
    expect(receiver.spans[0]?.traceId).toBe(TRACE_ID);
  });

  it("cuts the trace of a caller that was not sampled, once", async () => {
    start();
    call({ traceparent: traceparent(false) });
    expect(await tree()).toBe(`GET [server]\n│ ~ link to ${TRACE_ID.slice(0, 8)}/${PARENT_ID.slice(0, 8)}\n└─ work`);
    expect(receiver.spans[0]?.traceId.slice(18)).toBe(TRACE_ID.slice(18));
  });

  it.each([
    ["of the provider", { publicContext: "link" }, {}],
    ["of the handler", {}, { publicContext: "link" }],
    ["of both", { publicContext: "link" }, { publicContext: "link" }],
  ] as const)("links a caller where that is the policy %s", async (_whose, ofProvider, ofHandler) => {
    start(ofProvider);
    call({ traceparent: traceparent() }, ofHandler);
    expect(await tree()).toBe(`GET [server]\n│ ~ link to ${TRACE_ID.slice(0, 8)}/${PARENT_ID.slice(0, 8)}\n└─ work`);
  });

  it("samples by route where that is known at the start, else by path", async () => {
    start({ sampling: { "GET /items/:id": 0, "GET /items/*": 1, "*": 0 } });
    call({}, { route: "/items/:id" });
    expect(await tree()).toBe("");
    start({ sampling: { "GET /items/*": 1, "*": 0 } });
    call({}, { route: () => "/items/:id" });
    expect(await tree()).toBe("GET /items/:id [server]\n└─ work");
  });

  it("traces a server that was started within a span that was not sampled", async () => {
    start({ sampling: { boot: 0 } });
    const answer = (_request: IncomingMessage, response: ServerResponse) => void response.end();
    const url = await withSpan("boot", () => serve(traceNodeHandler(answer)));
    for (let i = 0; i < 3; i++) await fetch(url);
    // The first request cannot be told from a part of what was not sampled.
    expect(await tree()).toBe("GET [server]\n\nGET [server]");
  });
});
