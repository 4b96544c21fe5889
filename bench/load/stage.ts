/** Everything a run stands on: Postgres, Redis, a Jaeger for each variant that sends spans, and the servers themselves. */
import { join } from "node:path";
import { installedBinary } from "../../test/e2e/installedBinary.js";
import { type Jaeger, startJaeger } from "../../test/e2e/jaeger.js";
import { jaegerBinary } from "../../test/e2e/jaegerBinary.js";
import { type PostgresServer, startPostgres } from "../../test/e2e/postgresServer.js";
import { type ApiServer, buildApi, startApi } from "./machines/apiServer.js";
import { type CacheServer, startCacheServer } from "./machines/cacheServer.js";
import { type Variant, VARIANTS } from "./variants.js";

/** A server, and where its spans go. */
export interface StagedVariant {
  readonly server: ApiServer;
  /** One for each, so that its count is of this variant alone. */
  readonly jaeger: Jaeger | undefined;
}

/** What runs. */
export interface Stage {
  readonly postgres: PostgresServer;
  readonly cache: CacheServer;
  readonly variants: ReadonlyMap<Variant, StagedVariant>;
  /** Ends all of it. */
  close(): Promise<void>;
}

/** How to set the stage. */
export interface StageOptions {
  readonly variants: readonly Variant[];
  readonly rows: number;
  /** A folder for their CPU profiles, if they are to write some. */
  readonly profiles?: string;
  /** Where they write how much memory they use, if that is watched. */
  readonly heapFile?: string;
}

/** What would leave all that was started running. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Starts all of it. What was started is ended if something does not start, and if the run is interrupted. */
export async function setStage(
  { variants, rows, profiles, heapFile }: StageOptions,
  log: (line: string) => void,
): Promise<Stage> {
  const ends: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const signal of SIGNALS) process.off(signal, interrupt);
    for (const end of ends.splice(0).reverse()) await end();
  };
  const interrupt = (): void => void close().finally(() => process.exit(1));
  for (const signal of SIGNALS) process.once(signal, interrupt);
  const started = <T extends { stop(): Promise<void> }>(machine: T): T => {
    ends.push(() => machine.stop());
    return machine;
  };
  try {
    await buildApi(profiles === undefined ? "built" : "source");
    const postgres = started(await startPostgres(programOf("postgres", "postgresql")));
    const cache = started(await startCacheServer(programOf("redis-server", "redis-server")));
    const staged = new Map<Variant, StagedVariant>();
    for (const variant of variants) {
      log(`starting ${variant} …`);
      const jaeger = VARIANTS[variant].sendsSpans ? started(await startedJaeger()) : undefined;
      const profileFile = profiles === undefined ? undefined : profileOf(profiles, variant);
      const services = { databaseUrl: databaseUrl(postgres), redisUrl: cache.url, otlpUrl: jaeger?.otlpUrl };
      staged.set(variant, {
        jaeger,
        server: started(await startApi(variant, { ...services, rows, profileFile, heapFile })),
      });
    }
    return { postgres, cache, variants: staged, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @throws Error if it is not installed: unlike a test, a benchmark has nothing to say without it */
function programOf(name: string, debianPackage: string): string {
  const binary = installedBinary(name, debianPackage);
  if (binary === undefined) throw new Error(`Install ${name}: tools/backends/debian.sh ${debianPackage}`);
  return binary;
}

function databaseUrl({ port }: PostgresServer): string {
  return `postgres://postgres@127.0.0.1:${port}/postgres`;
}

/** The file of a variant's profile. */
export function profileOf(folder: string, variant: Variant): string {
  return join(folder, `${variant}.cpuprofile`);
}

async function startedJaeger(): Promise<Jaeger> {
  const binary = jaegerBinary();
  if (binary === undefined) throw new Error("Jaeger cannot be built without Go (https://go.dev/doc/install).");
  return await startJaeger(binary);
}
