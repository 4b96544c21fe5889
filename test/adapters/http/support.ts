/** A provider of the official SDK, as an app registers it, and servers on loopback. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type Sampler,
  SimpleSpanProcessor,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { afterEach } from "vitest";
import type { Diagnostic } from "../../../src/index.js";
import { type DecodedSpan, decodeOtlp, spanTree } from "../../../src/testing/index.js";

/** What a registered provider got. */
export interface Recorded {
  spans(): DecodedSpan[];
  /** Forgets the spans so far. */
  clear(): void;
  /** The spans as a tree, with these attributes, and with events. */
  tree(...attributes: string[]): string;
}

/** Puts the correlation id of the context on each span, as any processor can. */
const correlation: SpanProcessor = {
  onStart(span, parent) {
    const id = propagation.getBaggage(parent)?.getEntry("correlation.id")?.value;
    if (id !== undefined) span.setAttribute("correlation.id", id);
  },
  onEnd() {},
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

/** What is registered. */
interface Registered {
  readonly sampler?: Sampler;
  /** Without one nothing is ever active, as in a runtime that has no `AsyncLocalStorage`. */
  readonly contexts?: "async" | "none";
}

/** Registers a provider until the end of the test. */
export function register({ sampler, contexts = "async" }: Registered = {}): Recorded {
  const exporter = new InMemorySpanExporter();
  const spanProcessors = [correlation, new SimpleSpanProcessor(exporter)];
  if (contexts === "async") context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors, ...(sampler && { sampler }) }));
  const spans = () => {
    const body = JsonTraceSerializer.serializeRequest(exporter.getFinishedSpans());
    return exporter.getFinishedSpans().length === 0
      ? []
      : decodeOtlp(new TextDecoder().decode(body), { validation: "interoperable" });
  };
  return {
    spans,
    clear: () => exporter.reset(),
    tree: (...attributes) => {
      const all = spans();
      const known = new Set(all.map(({ spanId }) => spanId));
      const elsewhere = all.flatMap(({ parentSpanId: id }) => (id === undefined || known.has(id) ? [] : [id]));
      return spanTree(all, { attributes, events: true, allowRemoteParents: elsewhere });
    },
  };
}

const servers = new Set<Server>();

afterEach(async () => {
  trace.disable();
  context.disable();
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  servers.clear();
});

/** Serves on loopback until the end of the test. */
export async function serve(listener: RequestListener | Server): Promise<string> {
  const server = typeof listener === "function" ? createServer(listener) : listener;
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Waits until so many spans have arrived: those of servers end when the client has its answer already. */
export async function arrived(recorded: Recorded, count: number): Promise<void> {
  while (recorded.spans().length < count) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Collects diagnostics. */
export function diagnosed(): { readonly said: string[]; readonly diagnostics: (diagnostic: Diagnostic) => void } {
  const said: string[] = [];
  return { said, diagnostics: ({ code }) => void said.push(code) };
}

export const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
export const PARENT_ID = "00f067aa0ba902b7";

/** A caller's `traceparent`. */
export const traceparent = (sampled = true): string => `00-${TRACE_ID}-${PARENT_ID}-0${sampled ? 1 : 0}`;
