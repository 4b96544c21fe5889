/** One round of one variant: an empty cache, the round's requests, and what all of it cost. */
import { setTimeout as sleep } from "node:timers/promises";
import { type GeneratorProgram, type LoadOrder, type Sent, sendLoad } from "./generators/generator.js";
import type { CacheCounts, CacheServer } from "./machines/cacheServer.js";
import { cpuMs, familyCpuMs } from "./machines/cpuTime.js";

/** Figures of a round. Processor times are milliseconds of one request. */
export interface Round {
  readonly load: Sent;
  readonly cache: CacheCounts;
  readonly serverCpuMs: number;
  readonly otherCpuMs: Readonly<Record<"generator" | "Postgres" | "Redis" | "Jaeger", number>>;
}

/** Process ids of what a round uses. */
export interface RoundProcesses {
  readonly server: number;
  readonly postgres: number;
  readonly jaeger: number | undefined;
}

/** What leaves a server right after its last answer is this round's, too. */
const SETTLE_MS = 300;

export async function playRound(
  generator: GeneratorProgram,
  order: LoadOrder,
  cache: CacheServer,
  processes: RoundProcesses,
): Promise<Round> {
  await cache.reset();
  const used = await cpuCounter(cache, processes);
  const load = await sendLoad(generator, order);
  await sleep(SETTLE_MS);
  const { server, ...others } = await used();
  const ofRequest = (milliseconds: number): number => milliseconds / load.requests;
  return {
    load,
    cache: await cache.counts(),
    serverCpuMs: ofRequest(server),
    otherCpuMs: {
      generator: ofRequest(load.cpuMs),
      Postgres: ofRequest(others.postgres),
      Redis: ofRequest(others.redis),
      Jaeger: ofRequest(others.jaeger),
    },
  };
}

type CpuTimes = Readonly<Record<"server" | "postgres" | "redis" | "jaeger", number>>;

/** Starts counting; the returned function tells what was used since. */
async function cpuCounter(
  cache: CacheServer,
  { server, postgres, jaeger }: RoundProcesses,
): Promise<() => Promise<CpuTimes>> {
  const read = async (): Promise<CpuTimes> => ({
    server: await cpuMs(server),
    postgres: await familyCpuMs(postgres),
    redis: await cpuMs(cache.pid),
    jaeger: jaeger === undefined ? 0 : await cpuMs(jaeger),
  });
  const before = await read();
  return async () => {
    const after = await read();
    const since = (name: keyof CpuTimes): number => after[name] - before[name];
    return { server: since("server"), postgres: since("postgres"), redis: since("redis"), jaeger: since("jaeger") };
  };
}
