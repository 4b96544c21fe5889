/**
 * What the outbox costs for each batch, and how fast it drains, by how much waits: 1,000 to 1,000,000 spans. Nothing may grow with it.
 *
 * Real: the component, its calls, and requests to a server on loopback. Simulated: the database (`test/component/concurrent`), which is in
 * memory, in the order of creation, and makes the texts when they are read; and the clock, which skips pauses.
 *
 * Usage: `npm run bench:outbox`, or `npm run bench:outbox -- 1000 10000`.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { encodeSpans } from "../src/otlp/index.js";
import { type Called, Backend, NO_LATENCY } from "../test/component/concurrent/backend.js";
import { componentModules } from "../test/component/concurrent/componentModules.js";
import { aSpan } from "../test/component/spans.js";
import { liveHeap } from "./harness/interleave.js";

const NOW = 1_750_000_000_000;
const HOUR = 3_600_000;

const SPANS_OF_A_TEXT = 4;

/** Few spans are drained more than once. */
const SPANS_AT_LEAST = 50_000;

/** In virtual time, so that drains hand over to each other and the watchdog comes by. */
const REQUEST_MS = 50;

/** How often memory is looked at, in a drain of many batches. */
const HEAP_LOOKS = 10;

/** A backend for spans, and what it has got. */
interface Sink {
  readonly url: string;
  spans: number;
  bytes: number;
  requests: number;
  /** Called while a request is under way. */
  onRequest: () => void;
  readonly server: Server;
}

async function startSink(): Promise<Sink> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("latin1");
      sink.spans += body.split('"spanId":').length - 1;
      sink.bytes += body.length;
      sink.requests += 1;
      sink.onRequest();
      response.end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sink: Sink = { url, spans: 0, bytes: 0, requests: 0, onRequest: () => undefined, server };
  return sink;
}

/** A text as an instrumented call leaves one, in pieces between which its ids are. */
const PIECES = template().split(/[0-9a-f]{32}/);

function template(): string {
  const attributes = {
    "rpc.method": "tasks:add",
    "convex.function.type": "mutation",
    "convex.request.id": "0123456789abcde",
  };
  const spans = Array.from({ length: SPANS_OF_A_TEXT }, (_, n) => ({ ...aSpan(n, "tasks:add"), attributes }));
  const resource = { "service.name": "bench", "service.version": "1.0.0", "deployment.environment.name": "production" };
  const envelope = { resource: { attributes: resource }, scope: { name: "convex-otel", version: "1" } };
  return encodeSpans(spans, envelope).text;
}

/** Made when it is read, with a trace of its own: so that memory is the outbox's, and not the database's. */
function textOf(number: number): string {
  return PIECES.join((number + 1).toString(16).padStart(32, "0"));
}

/** Documents for so many spans, of the last hour. */
function* textsOf(spans: number) {
  for (let number = 0; number < spans / SPANS_OF_A_TEXT; number++) {
    yield { creationTime: NOW - HOUR + number / 1_000, read: () => ({ text: textOf(number) }) };
  }
}

/** One drain, from the first batch to the state in which nothing runs. */
interface Drained {
  /** Of processor time, with the database and the server in them. */
  readonly seconds: number;
  /** Of the transactions that report a batch and take the next one. */
  readonly settles: readonly Called[];
  readonly looks: readonly Called[];
  readonly bytes: number;
  readonly requests: number;
  /** Above what the filled database takes. */
  readonly heap: number;
}

async function drain(pending: number, sink: Sink): Promise<Drained> {
  const backend = new Backend({
    modules: { otel: componentModules },
    now: NOW,
    latencies: { ...NO_LATENCY, request: REQUEST_MS },
    random: () => 0.5,
  });
  try {
    backend.tables.fill("texts", textsOf(pending));
    Object.assign(sink, { spans: 0, bytes: 0, requests: 0 });
    const every = Math.ceil(pending / 512 / HEAP_LOOKS);
    const filled = liveHeap();
    let [heap, looking] = [0, 0];
    sink.onRequest = () => {
      if (sink.requests % every !== 0 && sink.requests > 1) return;
      const from = cpuSeconds();
      heap = Math.max(heap, liveHeap() - filled);
      looking += cpuSeconds() - from;
    };
    const from = cpuSeconds();
    void backend.mutation("resume:resume", {}, "otel");
    for (;;) {
      await backend.time.pass(1_000);
      if (backend.documents("runner")[0]?.fields["status"] === "idle") break;
    }
    const seconds = cpuSeconds() - from - looking;
    if (sink.spans !== pending) throw new Error(`${sink.spans} of ${pending} spans have arrived`);
    await backend.time.pass(HOUR);
    const of = (name: string) => backend.calls.filter((call) => call.name === `otel/${name}`);
    return {
      seconds,
      settles: of("settle:settle"),
      looks: of("watch:watch"),
      bytes: sink.bytes,
      requests: sink.requests,
      heap,
    };
  } finally {
    backend.close();
  }
}

/** Of this process: the machine may have other work to do. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

const most = (calls: readonly Called[], what: keyof Called["usage"]): number =>
  Math.max(0, ...calls.map(({ usage }) => usage[what]));

async function row(pending: number, sink: Sink): Promise<string[]> {
  const runs: Drained[] = [];
  do runs.push(await drain(pending, sink));
  while (runs.length * pending < SPANS_AT_LEAST);
  const [first] = runs;
  const { settles, looks, bytes, requests } = first!;
  return [
    pending,
    median(runs.map(({ seconds }) => pending / seconds)),
    requests,
    bytes / requests,
    most(settles, "documentsRead"),
    most(settles, "documentsWritten"),
    most(looks, "documentsRead"),
    Math.max(...runs.map(({ heap }) => heap)) / 1_000_000,
  ].map((value) => (value < 100 ? value.toFixed(1).replace(/\.0$/, "") : Math.round(value).toLocaleString("en")));
}

const COLUMNS = [
  "spans that wait",
  "spans a second of processor time",
  "requests",
  "bytes of each",
  "documents read by a settle, at most",
  "written",
  "read by a look of the watchdog, at most",
  "heap, MB more at most",
];

const sizes = process.argv.slice(2).map(Number);
const sink = await startSink();
process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = sink.url;
process.env["CONVEX_OTEL_OUTBOX_MAX_MEGABYTES"] = "100000";
console.log(`| ${COLUMNS.join(" | ")} |\n|${" --- |".repeat(COLUMNS.length)}`);
for (const pending of sizes.length > 0 ? sizes : [1_000, 10_000, 100_000, 1_000_000]) {
  console.log(`| ${(await row(pending, sink)).join(" | ")} |`);
}
sink.server.close();
sink.server.closeAllConnections();
