/** One trace through a server and a Convex backend, there and back, over real HTTP to one OTLP receiver. */
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { resolve } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { getCorrelationId, injectHeaders, setCorrelationId, withSpan } from "../../src/index.js";
import { continueTrace, type NodeRegistration, registerNode } from "../../src/node/index.js";
import { otlp } from "../../src/otlp/index.js";
import { bundleConvex } from "../../src/testing/convexBundle.js";
import { type OtlpReceiver, spanTree, startOtlpReceiver } from "../../src/testing/index.js";
import { strictConvex } from "../../src/testing/strict/index.js";
import { settle } from "../runtimes/jobs.js";

let receiver: OtlpReceiver;
let tracing: NodeRegistration;
let shop: Server;
let shopUrl: string;
let told: (string | undefined)[];

beforeEach(async () => {
  told = [];
  receiver = await startOtlpReceiver({ validation: "interoperable" });
  tracing = registerNode({ service: { name: "shop" }, exporter: otlp({ endpoint: receiver.url }), exitSignals: [] });
  shop = createServer((request, response) => {
    continueTrace(request.headers, () =>
      withSpan("POST /told", { kind: "server" }, () => {
        told.push(getCorrelationId());
        response.end();
      }),
    );
  });
  shop.listen(0, "127.0.0.1");
  await once(shop, "listening");
  const address = shop.address();
  shopUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/told`;
});

afterEach(async () => {
  await tracing.shutdown();
  await receiver.close();
  shop.close();
});

it("goes from a server through an HTTP action, a mutation and a scheduled action back to the server", async () => {
  const bundle = await bundleConvex(resolve(import.meta.dirname, "fixtures/relay/convex"));
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, SHOP_URL: shopUrl };
  const backend = await strictConvex({ bundle, env });
  await withSpan("POST /checkout", { kind: "server" }, async () => {
    setCorrelationId("order_17");
    await withSpan("POST", { kind: "client" }, async () => {
      const response = await backend.t.fetch("/orders", { method: "POST", headers: injectHeaders(new Headers()) });
      expect([response.status, response.headers.get("x-correlation-id")]).toEqual([202, "order_17"]);
    });
  });
  await settle(backend.t);
  await tracing.forceFlush();
  const spans = await receiver.waitForSpans(9);
  await backend.close();
  expect(`\n${spanTree(spans)}\n`).toBe(`
POST /checkout [server]
└─ POST [client]
   └─ POST /orders [server]
      └─ orders:accept [client]
         └─ orders:accept [server]
            ├─ check stock
            └─ schedule orders:tell [producer]
               └─ process orders:tell [consumer]
                  └─ POST /told [server]
`);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  expect(new Set(spans.map(({ attributes }) => attributes["correlation.id"]))).toEqual(new Set(["order_17"]));
  expect(new Set(spans.map(({ resource }) => resource["service.name"]))).toEqual(new Set(["shop", "convex"]));
  expect(told).toEqual(["order_17"]);
});
