/**
 * What instrumented drivers cost, on real servers: beside the bare client, and beside OpenTelemetry's own instrumentations under
 * the same provider. Processor time of this process, with that of its garbage collector; that of the servers is not in it.
 *
 * The library is the built package, as an app installs it.
 */
import { createRequire } from "node:module";
import { SpanKind, trace } from "@opentelemetry/api";
import { ExportResultCode } from "@opentelemetry/core";
import type { SpanExporter } from "@opentelemetry/sdk-trace-base";
import type * as nodeEntry from "../src/node/index.js";
import { CONNECTIONS, type Drivers, openDrivers, type Operations, type Side } from "./drivers/clients.js";
import { cpuClock, interleave, repeated, type Sample } from "./harness/interleave.js";
import { duration, type Row, type Section } from "./harness/report.js";
import { estimate, ratios } from "./harness/statistics.js";

const { registerNode } = createRequire(import.meta.url)("convex-otel/node") as typeof nodeEntry;

/** Operations of one request. Below the number from which on in-process look-ups are only counted. */
const PER_REQUEST = 8;

const TIME = { seconds: 6 };

/** Takes spans and forgets them: what a driver costs does not depend on where spans go. */
const nowhere: SpanExporter = {
  export: (_spans, done) => done({ code: ExportResultCode.SUCCESS }),
  shutdown: () => Promise.resolve(),
};

export async function driversSection(): Promise<Section> {
  const drivers = await openDrivers();
  try {
    const off = await rowsOf(drivers, "nothing recorded");
    const registration = registerNode({ exporter: nowhere, exitSignals: [] });
    const on = await rowsOf(drivers, "recorded");
    await registration.shutdown();
    return { title: "Drivers, each operation (bare / ours / official instrumentation)", rows: [...off, ...on] };
  } finally {
    await drivers.close();
  }
}

async function rowsOf({ later, atOnce }: Drivers, state: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, operations] of Object.entries(later)) {
    const times = await interleave(eachOf(operations, requests), TIME);
    rows.push(row(`${name}, ${state}: ours / bare`, times, "bare"), row(`… ours / official`, times, "official"));
  }
  for (const [name, operations] of Object.entries(atOnce)) {
    const times = await interleave({ bare: request(operations.bare), ours: request(operations.ours) }, TIME);
    rows.push(row(`${name}, ${state}: ours / bare`, times, "bare"));
  }
  return rows;
}

function eachOf<T>({ bare, ours, official }: Operations<T>, sample: (run: () => T) => Sample): Record<Side, Sample> {
  return { bare: sample(bare), ours: sample(ours), official: sample(official) };
}

type Times = Readonly<Partial<Record<Side, readonly number[]>>>;

function row(what: string, times: Times, than: "bare" | "official"): Row {
  const { ours = [], bare = [], official } = times;
  const note = [bare, ours, official].flatMap((series) => (series === undefined ? [] : [duration(series)])).join(" / ");
  return { what, ratio: estimate(ratios(ours, times[than] ?? [])), note };
}

/** Requests at a time, each of which waits for every operation before it asks for the next. */
function requests(run: () => Promise<unknown>): Sample {
  const one = (): Promise<void> =>
    inRequest(async () => {
      for (let i = 0; i < PER_REQUEST; i++) await run();
    });
  return async () => {
    const start = cpuClock();
    await Promise.all(Array.from({ length: CONNECTIONS }, one));
    return (cpuClock() - start) / (CONNECTIONS * PER_REQUEST);
  };
}

/** The same for what answers at once. */
function request(run: () => unknown): Sample {
  const one = (): void =>
    inRequest(() => {
      for (let i = 0; i < PER_REQUEST; i++) kept[0] = run();
    });
  const sample = repeated(one);
  return async () => (await sample()) / PER_REQUEST;
}

// Or the compiler may find out that nobody needs it.
const kept: unknown[] = [];

/** A request as a server records it; without a provider it just runs. */
function inRequest<T>(fn: () => T): T {
  return trace.getTracer("bench").startActiveSpan("GET /", { kind: SpanKind.SERVER }, (span) => {
    const result = fn();
    if (result instanceof Promise) return result.finally(() => span.end()) as T;
    span.end();
    return result;
  });
}
