/** A worker whose spans leave over the network, set up as `docs/http.md` shows it. */
import { setTimeout as sleep } from "node:timers/promises";
import { getCorrelationId, withSpan } from "convex-otel";
import { tracedFetch, traceFetchHandler } from "convex-otel/http";
import { registerNode } from "convex-otel/node";
import { otlp } from "convex-otel/otlp";

/** `ExecutionContext` of Workers, as far as it is used. */
interface Execution {
  waitUntil(work: Promise<unknown>): void;
}

const tracing = registerNode({ service: { name: "worker" }, exporter: otlp() });

const send = tracedFetch({ propagateTo: ["127.0.0.1"] });

async function greet(): Promise<Response> {
  const greeting = await withSpan("read", async () => {
    await sleep(20);
    return withSpan("greet", () => `hello ${getCorrelationId()}`);
  });
  return new Response(greeting);
}

/** A body that comes after the response, with work of its own. */
function stream(execution: Execution): Response {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writing = withSpan("write", async () => {
    const writer = writable.getWriter();
    for (const part of ["one ", "two ", "three"]) {
      await writer.write(new TextEncoder().encode(part));
      await sleep(20);
    }
    await writer.close();
  });
  execution.waitUntil(writing.then(() => tracing.forceFlush()));
  return new Response(readable);
}

const handler = traceFetchHandler(
  async (request: Request, _env: unknown, execution: Execution) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/fails") throw new RangeError("out of range");
    if (pathname === "/stream") return stream(execution);
    if (pathname === "/slow") await sleep(60_000);
    if (pathname === "/prices") return send(new URL("/items/7", request.url));
    return greet();
  },
  { route: (request) => new URL(request.url).pathname.replace(/\d+/, ":id") },
);

export default {
  async fetch(request: Request, env: unknown, execution: Execution): Promise<Response> {
    try {
      return await handler(request, env, execution);
    } finally {
      execution.waitUntil(tracing.forceFlush());
    }
  },
};
