/**
 * A day's worth of spans as fast as the server makes them: whether any is lost, and whether memory grows. The example API with
 * convex-otel, on a real Postgres, Redis and Jaeger, as in the other runs.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Jaeger } from "../../test/e2e/jaeger.js";
import { flatness, type MemorySample } from "./figures/flatness.js";
import { type GeneratorProgram, sendLoad } from "./generators/generator.js";
import type { LoadOptions } from "./options.js";
import { requestPlan } from "./requestPlan.js";
import type { ApiServer } from "./machines/apiServer.js";
import type { CacheServer } from "./machines/cacheServer.js";
import { expectedSpans, type TraceSizes } from "./spans/expectedSpans.js";
import { probeTraceSizes, untilQuiet } from "./spans/traceSizes.js";
import { setStage, type Stage } from "./stage.js";

const VARIANT = "convex-otel";

/** How often memory is measured, and which of it counts: at first caches fill, and V8 compiles. */
const SAMPLES = 20;
const WARM_UP_SAMPLES = 2;

/** What answers with a stale value loads a new one after it. */
const SETTLE_MS = 300;

/** For a file that a signal has asked for. */
const POLL_MS = 20;

/** What has happened so far. */
interface Progress {
  requests: number;
  errors: number;
  expectedSpans: number;
  readonly samples: MemorySample[];
}

/** Sends so many requests, and says as text what became of memory and spans. */
export async function soak(
  options: LoadOptions,
  generator: GeneratorProgram,
  log: (line: string) => void,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "convex-otel-soak-"));
  const heapFile = join(folder, "heap.json");
  const stage = await setStage({ variants: [VARIANT], rows: options.rows, heapFile }, log);
  try {
    const { server, jaeger } = stagedVariant(stage);
    const { sizes } = await probeTraceSizes(server.url, jaeger);
    const storedBefore = await jaeger.storedSpans();
    const progress: Progress = { requests: 0, errors: 0, expectedSpans: 0, samples: [] };
    for (let round = 0; progress.requests < options.requests; round += 1) {
      await playRound(stage.cache, server, sizes, round, options, generator, progress);
      if (progress.requests < ((progress.samples.length + 1) * options.requests) / SAMPLES) continue;
      const sample = { spans: progress.expectedSpans, ...(await measureMemory(server, heapFile)) };
      progress.samples.push(sample);
      log(`${progress.requests} requests: ${sampleText(sample)}`);
    }
    return report(progress, (await untilQuiet(jaeger)) - storedBefore);
  } finally {
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function stagedVariant({ variants }: Stage): { readonly server: ApiServer; readonly jaeger: Jaeger } {
  const staged = variants.get(VARIANT);
  if (staged?.jaeger === undefined) throw new Error(`${VARIANT} was not started.`);
  return { server: staged.server, jaeger: staged.jaeger };
}

async function playRound(
  cache: CacheServer,
  { url }: ApiServer,
  sizes: TraceSizes,
  round: number,
  { connections, seconds }: LoadOptions,
  generator: GeneratorProgram,
  progress: Progress,
): Promise<void> {
  await cache.reset();
  const load = await sendLoad(generator, { url, plan: requestPlan(round), connections, seconds });
  await sleep(SETTLE_MS);
  const { search, detail, aggregate } = load.endpoints;
  const requests = { search: search.requests, detail: detail.requests, aggregate: aggregate.requests };
  progress.expectedSpans += expectedSpans(sizes, requests, await cache.counts());
  progress.requests += load.requests;
  progress.errors += load.errors;
}

async function measureMemory(server: ApiServer, file: string): Promise<Omit<MemorySample, "spans">> {
  await rm(file, { force: true });
  server.signal("SIGUSR2");
  for (;;) {
    await sleep(POLL_MS);
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text === undefined) continue;
    const { heapUsed, external, rss } = JSON.parse(text) as NodeJS.MemoryUsage;
    return { heapBytes: heapUsed + external, residentBytes: rss };
  }
}

function sampleText({ spans, heapBytes, residentBytes }: MemorySample): string {
  return `${spans} spans, heap ${megabytes(heapBytes)} MB, resident ${megabytes(residentBytes)} MB`;
}

function report({ requests, errors, expectedSpans: expected, samples }: Progress, stored: number): string {
  const settled = samples.slice(WARM_UP_SAMPLES);
  const { heapBytesOfSpan, residentBytesOfSpan } = flatness(settled);
  const heaps = settled.map(({ heapBytes }) => heapBytes);
  const range = `${megabytes(Math.min(...heaps))} to ${megabytes(Math.max(...heaps))} MB`;
  return [
    `${requests} requests, ${errors} errors; ${stored} spans in Jaeger, ${expected} expected.`,
    `Heap after collecting garbage: ${range} in ${settled.length} samples, the first ${WARM_UP_SAMPLES} left out.`,
    `A span leaves ${heapBytesOfSpan.toFixed(3)} bytes in the heap, and ${residentBytesOfSpan.toFixed(3)} bytes in the process.`,
  ].join("\n");
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
