/** How a server is traced: by this library, by what people use otherwise, or not at all. */
import type { RequestListener } from "node:http";
import { createRequire } from "node:module";
import { context, propagation, type Tracer, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  CompositePropagator,
  ExportResultCode,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from "@opentelemetry/core";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import { traceNodeHandler } from "convex-otel/http";
import { registerNode } from "convex-otel/node";

/** What is compared. Those "around spans" have spans that record nothing: what remains is what is done for a request besides. */
export type SetUp = "plain" | "ours" | "theirs" | "ours around spans" | "theirs around spans";

/** Takes finished spans, and forgets them. */
const nowhere: SpanExporter = {
  export: (_spans, done) => done({ code: ExportResultCode.SUCCESS }),
  shutdown: () => Promise.resolve(),
};

const route = "/api/listings/:id";

const plain: RequestListener = (_request, response) => void response.end('{"id":42}');

/** Sets up tracing in this thread, and makes the listener that it traces. */
export const SET_UPS: Readonly<Record<SetUp, () => RequestListener>> = {
  plain: () => plain,
  ours() {
    registerNode({ service: { name: "bench" }, exporter: nowhere });
    return ours();
  },
  theirs() {
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(nowhere)] }));
    return theirs();
  },
  "ours around spans"() {
    // With its propagator and its contexts, but not its provider.
    registerNode({ service: { name: "bench" }, exporter: nowhere });
    trace.disable();
    trace.setGlobalTracerProvider({ getTracer: () => recordsNothing });
    return ours();
  },
  "theirs around spans"() {
    trace.setGlobalTracerProvider({ getTracer: () => recordsNothing });
    return theirs();
  },
};

function ours(): RequestListener {
  return traceNodeHandler(plain, { route, endpointClass: { [route]: "detail" } });
}

function theirs(): RequestListener {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  const propagators = [new W3CTraceContextPropagator(), new W3CBaggagePropagator()];
  propagation.setGlobalPropagator(new CompositePropagator({ propagators }));
  new HttpInstrumentation().enable();
  // It patches what is required from now on, and with it the prototype of all servers of this thread.
  createRequire(import.meta.url)("node:http");
  return plain;
}

const spanContext = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 1 };

const recordsNothing: Tracer = {
  startSpan: () => trace.wrapSpanContext(spanContext),
  startActiveSpan() {
    throw new Error("Neither side calls this.");
  },
};
