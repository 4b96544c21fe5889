/**
 * What tracing adds to a request of a Node server, beside `@opentelemetry/instrumentation-http`. Everything is of the built
 * package, as servers install it.
 */
import { once } from "node:events";
import { join, resolve } from "node:path";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import { interleave, type Sample } from "./harness/interleave.js";
import { duration, type Row, type Section } from "./harness/report.js";
import { differences, estimate, ratios } from "./harness/statistics.js";
import type { SetUp } from "./requests/setUps.js";

const SET_UPS: readonly SetUp[] = ["plain", "ours", "theirs", "ours around spans", "theirs around spans"];

const TIME = { seconds: 12, minRounds: 100 };

/** So many requests in a row: long enough for the clock of the CPU time, and for the garbage collector to have its turn. */
const REQUESTS = 500;

/** For what is done around spans, which is all that this is about: no more than what people use otherwise. */
const BUDGET = 1;

const root = resolve(import.meta.dirname, "..");

/** In the repository, so that its packages are found. */
const server = join(root, ".cache", "requests", "server.mjs");

export async function requestsSection(): Promise<Section> {
  await buildServer();
  const servers = SET_UPS.map((setUp) => ({ setUp, thread: new Worker(server, { workerData: { setUp } }) }));
  const samples = Object.fromEntries(servers.map(({ setUp, thread }) => [setUp, sampleOf(thread)]));
  const times = await interleave(samples as Record<SetUp, Sample>, TIME);
  for (const { thread } of servers) await thread.terminate();
  return {
    title: `A request of a Node server, CPU time (ours / instrumentation-http, what each adds to ${duration(times.plain)})`,
    rows: [
      added("traced", times, ["ours", "theirs"]),
      added(
        "what is done around spans that record nothing",
        times,
        ["ours around spans", "theirs around spans"],
        BUDGET,
      ),
    ],
  };
}

async function buildServer(): Promise<void> {
  await build({
    entryPoints: [join(root, "bench/requests/server.ts")],
    outfile: server,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    // This repository's own settings point convex-otel to its source.
    tsconfigRaw: {},
  });
}

function sampleOf(thread: Worker): Sample {
  return async () => {
    thread.postMessage(REQUESTS);
    const [ms] = (await once(thread, "message")) as [number];
    return ms;
  };
}

function added(
  what: string,
  times: Readonly<Record<SetUp, readonly number[]>>,
  [ours, theirs]: readonly [SetUp, SetUp],
  budget?: number,
): Row {
  const [adds, otherAdds] = [differences(times[ours], times.plain), differences(times[theirs], times.plain)];
  return { what, ratio: estimate(ratios(adds, otherAdds)), budget, note: `${duration(adds)} / ${duration(otherAdds)}` };
}
