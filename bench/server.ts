/**
 * Spans of a server, from their start to their request: `registerNode`, and the OpenTelemetry SDK with its batch processor and
 * its exporters. Both send to an endpoint in another process.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { type Context, ROOT_CONTEXT, SpanKind, trace, type Tracer } from "@opentelemetry/api";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtoExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import { registerNode } from "convex-otel/node";
import { otlp } from "convex-otel/otlp";
import { cpuClock, interleave, type Sample } from "./harness/interleave.js";
import { duration, type Row, type Section } from "./harness/report.js";
import { estimate, ratios } from "./harness/statistics.js";

/** Of the time that the SDK takes with the same encoding. */
const BUDGET = 0.5;

/** Requests whose spans make up one request to the endpoint, and the spans below each. */
const ENTRIES = 64;
const SPANS_BELOW = 7;
const SPANS = ENTRIES * (SPANS_BELOW + 1);

const TIME = { seconds: 10 };

/** Something that records and sends. */
interface Side {
  readonly tracer: Tracer;
  flush(): Promise<void>;
  /** What is registered would be in the way of the sections after this one. */
  shutdown(): Promise<void>;
}

export async function serverSection(): Promise<Section> {
  const sink = fork(resolve(import.meta.dirname, "harness/sink.js"), { execArgv: [] });
  try {
    const [port] = (await once(sink, "message")) as [number];
    const url = `http://127.0.0.1:${port}/v1/traces`;
    const sides = {
      ours: ours(url),
      proto: theirs(new ProtoExporter({ url })),
      json: theirs(new JsonExporter({ url })),
    };
    const section = {
      title: `A server's span: start, 3 attributes, end; requests of ${SPANS} spans (ours / sdk-trace-base, each span)`,
      rows: [...(await rows(sides, "until it has ended", untilEnded)), ...(await rows(sides, "sent", sent, BUDGET))],
    };
    for (const side of Object.values(sides)) await side.shutdown();
    return section;
  } finally {
    sink.disconnect();
  }
}

async function rows(
  sides: Readonly<Record<"ours" | "proto" | "json", Side>>,
  what: string,
  sampled: (side: Side) => Sample,
  budget?: number,
): Promise<Row[]> {
  const { ours, proto, json } = sides;
  const times = await interleave({ ours: sampled(ours), proto: sampled(proto), json: sampled(json) }, TIME);
  return (["proto", "json"] as const).map((theirs) => ({
    what: `${what}; theirs with exporter-trace-otlp-${theirs === "proto" ? "proto" : "http"}`,
    ratio: estimate(ratios(times.ours, times[theirs])),
    budget: theirs === "proto" ? budget : undefined,
    note: `${duration(times.ours)} / ${duration(times[theirs])}`,
  }));
}

/** What the program waits for: what a span costs before it is sent. */
function untilEnded(side: Side): Sample {
  return async () => {
    const start = performance.now();
    record(side.tracer);
    const perSpan = (performance.now() - start) / SPANS;
    await side.flush();
    return perSpan;
  };
}

/** All that it costs, the garbage collector's threads included. */
function sent(side: Side): Sample {
  return async () => {
    const start = cpuClock();
    record(side.tracer);
    await side.flush();
    return (cpuClock() - start) / SPANS;
  };
}

function record(tracer: Tracer): void {
  for (let entry = 0; entry < ENTRIES; entry++) {
    const span = tracer.startSpan("GET /tasks", { kind: SpanKind.SERVER }, ROOT_CONTEXT);
    const context: Context = trace.setSpan(ROOT_CONTEXT, span);
    for (let index = 0; index < SPANS_BELOW; index++) {
      const below = tracer.startSpan("SELECT tasks", { kind: SpanKind.CLIENT }, context);
      below.setAttribute("db.collection.name", "tasks");
      below.setAttribute("task.rank", index);
      below.setAttribute("task.urgent", true);
      below.end();
    }
    span.setAttribute("http.route", "/tasks");
    span.setAttribute("http.response.status_code", 200);
    span.setAttribute("user.signed_in", true);
    span.end();
  }
}

/** Sends when it is flushed, and not before: in the middle of a measurement that would be another thing's time. */
const BATCH = { maxSpans: SPANS + 1, delayMs: 600_000 };

function ours(url: string): Side {
  const tracing = registerNode({ exporter: otlp({ endpoint: url }), batch: BATCH, exitSignals: [] });
  const tracer = trace.getTracer("bench", "1.0.0");
  return { tracer, flush: () => tracing.forceFlush(), shutdown: () => tracing.shutdown() };
}

function theirs(exporter: SpanExporter): Side {
  const { maxSpans, delayMs } = BATCH;
  const processor = new BatchSpanProcessor(exporter, { maxExportBatchSize: maxSpans, scheduledDelayMillis: delayMs });
  const provider = new BasicTracerProvider({ spanProcessors: [processor] });
  const tracer = provider.getTracer("bench", "1.0.0");
  return { tracer, flush: () => processor.forceFlush(), shutdown: () => provider.shutdown() };
}
