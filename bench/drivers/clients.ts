/** What drivers are measured with: each client three times, on a real server, where there is an official instrumentation. */
import { createRequire } from "node:module";
import { Redis } from "ioredis";
import pg from "pg";
import { installedBinary } from "../../test/e2e/installedBinary.js";
import { startPostgres } from "../../test/e2e/postgresServer.js";
import { startRedis } from "../../test/e2e/redisServer.js";
import type * as cacheEntry from "../../src/adapters/cache/index.js";
import type * as sqlEntry from "../../src/adapters/sql/index.js";
import { officialIoredis, officialPg } from "./officialDriver.js";

const require = createRequire(import.meta.url);
const { instrumentCache } = require("convex-otel/cache") as typeof cacheEntry;
const { instrumentBetterSqlite3, instrumentPg } = require("convex-otel/sql") as typeof sqlEntry;

/** The client as it is, with our instrumentation, and with OpenTelemetry's own. */
export type Side = "bare" | "ours" | "official";

/** One operation of a driver, by whose instrumentation it has. */
export type Operations<T> = Readonly<Record<Side, () => T>>;

/** Operations of drivers. What answers at once has no official instrumentation. */
export interface Drivers {
  readonly later: Readonly<Record<"pool.query of pg" | "get of ioredis", Operations<Promise<unknown>>>>;
  readonly atOnce: Readonly<Record<string, Omit<Operations<unknown>, "official">>>;
  close(): Promise<void>;
}

/** Operations that are under way at a time: as many as there are connections. */
export const CONNECTIONS = 16;

/** Starts the servers and connects. */
export async function openDrivers(): Promise<Drivers> {
  const postgres = await startPostgres(programOf("postgres", "postgresql"));
  const redis = await startRedis(programOf("redis-server", "redis-server"));
  const pools = {
    bare: pool(pg, postgres.port),
    ours: instrumentPg(pool(pg, postgres.port)),
    official: pool(officialPg(), postgres.port),
  };
  const clients = {
    bare: new Redis(redis.port),
    ours: instrumentCache(new Redis(redis.port)),
    official: new (officialIoredis().Redis)(redis.port),
  };
  await clients.bare.set("session:42", "a value as sessions have it");
  return {
    later: {
      "pool.query of pg": each(pools, (one) => one.query("SELECT $1::int AS id, 'boots' AS title", [7])),
      "get of ioredis": each(clients, (one) => one.get("session:42")),
    },
    atOnce: { "get of a Map": maps(), ...sqlite() },
    async close() {
      for (const one of Object.values(clients)) one.disconnect();
      for (const one of Object.values(pools)) await one.end();
      await redis.stop();
      await postgres.stop();
    },
  };
}

function pool({ Pool }: typeof pg, port: number): pg.Pool {
  return new Pool({ host: "127.0.0.1", port, user: "postgres", database: "postgres", max: CONNECTIONS });
}

function each<Client, T>(clients: Readonly<Record<Side, Client>>, run: (client: Client) => T): Operations<T> {
  const { bare, ours, official } = clients;
  return { bare: () => run(bare), ours: () => run(ours), official: () => run(official) };
}

function maps(): Omit<Operations<unknown>, "official"> {
  const create = (): Map<string, string> => new Map([["session:42", "a value"]]);
  const bare = create();
  const ours = instrumentCache(create());
  return { bare: () => bare.get("session:42"), ours: () => ours.get("session:42") };
}

/** Its native part is not built by `npm ci` (tools/backends/betterSqlite3.sh does it). */
function sqlite(): Drivers["atOnce"] {
  try {
    const Database = require("better-sqlite3") as new (path: string) => sqlEntry.BetterSqlite3Like;
    const bare = statement(new Database(":memory:"));
    const ours = statement(instrumentBetterSqlite3(new Database(":memory:")));
    return { "get of better-sqlite3": { bare: () => bare.get(7), ours: () => ours.get(7) } };
  } catch (error) {
    console.error(`better-sqlite3 is left out: ${error instanceof Error ? error.message : String(error)}`);
    return {};
  }
}

function statement(db: sqlEntry.BetterSqlite3Like): { get(id: number): unknown } {
  const { prepare } = db as unknown as { prepare(sql: string): { get(id: number): unknown } };
  return prepare.call(db, "SELECT ? AS id, 'boots' AS title");
}

function programOf(name: string, debianPackage: string): string {
  const binary = installedBinary(name, debianPackage);
  if (binary === undefined) throw new Error(`Install ${name}: tools/backends/debian.sh ${debianPackage}`);
  return binary;
}
