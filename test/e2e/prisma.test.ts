/** Prisma, which sends through a pool of node-postgres (`@prisma/adapter-pg`), on a real PostgreSQL. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { instrumentPg } from "../../src/adapters/sql/index.js";
import { recordSpans, request } from "../adapters/cache/harness.js";
import { type PostgresServer, startPostgres } from "./postgresServer.js";

const postgresBinary = inject("postgresBinary");
const folder = inject("prismaFolder");

/** A pet, as the generated client gives it. */
interface Pet {
  readonly id: number;
  readonly name: string;
  readonly owner: string;
}

/** The part of the client generated from `tools/backends/prisma/schema.prisma` that is used. */
interface Client {
  readonly pet: {
    create(query: object): Promise<Pet>;
    findMany(query: object): PromiseLike<Pet[]>;
    findUniqueOrThrow(query: object): Promise<Pet>;
    updateMany(query: object): PromiseLike<{ count: number }>;
    deleteMany(query: object): Promise<{ count: number }>;
  };
  $queryRaw(text: TemplateStringsArray, ...values: readonly unknown[]): Promise<unknown[]>;
  $transaction(work: readonly PromiseLike<unknown>[]): Promise<unknown[]>;
  $transaction<T>(work: (client: Client) => Promise<T>): Promise<T>;
  $disconnect(): Promise<void>;
}

describe.skipIf(postgresBinary === "" || folder === "")("Prisma", () => {
  const recorded = recordSpans();
  let server: PostgresServer;
  let pool: pg.Pool;
  let prisma: Client;
  let slowPool: pg.Pool;
  let slowPrisma: Client;

  beforeAll(async () => {
    server = await startPostgres(postgresBinary);
    const require = createRequire(join(folder, "index.js"));
    const { Pool } = require("pg") as typeof pg;
    const { PrismaPg } = require("@prisma/adapter-pg") as { PrismaPg: new (pool: pg.Pool) => object };
    const generated: unknown = await import(pathToFileURL(join(folder, "generated/client.ts")).href);
    const { PrismaClient } = generated as { PrismaClient: new (options: object) => Client };
    const config = { host: "127.0.0.1", port: server.port, user: "postgres", database: "postgres" };
    pool = instrumentPg(new Pool(config));
    slowPool = instrumentPg(new Pool(config), { slowQueryPlans: { thresholdMs: 0 } });
    slowPrisma = new PrismaClient({ adapter: new PrismaPg(slowPool) });
    prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
    await pool.query(
      "CREATE TABLE prisma_pets (id serial PRIMARY KEY, name text NOT NULL UNIQUE, owner text NOT NULL)",
    );
  });

  afterAll(async () => {
    await prisma?.$disconnect();
    await slowPrisma?.$disconnect();
    await pool?.end();
    await slowPool?.end();
    await server?.stop();
  });

  it("is recorded through its driver, transactions and failures included, and answers as it would", async () => {
    recorded.reset();
    await request("GET /pets", async () => {
      const rex = await prisma.pet.create({ data: { name: "Rex", owner: "secret" } });
      expect(rex).toEqual({ id: 1, name: "Rex", owner: "secret" });
      expect(await prisma.pet.findMany({ where: { owner: "secret" }, orderBy: { id: "asc" }, take: 3 })).toEqual([rex]);
      await prisma.$transaction([prisma.pet.updateMany({ where: { id: 1 }, data: { owner: "other secret" } })]);
      expect(await prisma.$queryRaw`SELECT name FROM prisma_pets WHERE owner = ${"other secret"}`).toEqual([
        { name: "Rex" },
      ]);
      await expect(prisma.pet.create({ data: { name: "Rex", owner: "secret" } })).rejects.toMatchObject({
        code: "P2002",
      });
      await expect(prisma.pet.findUniqueOrThrow({ where: { id: 99 } })).rejects.toMatchObject({ code: "P2025" });
      expect(await prisma.$transaction(async (own) => await own.pet.deleteMany({}))).toEqual({ count: 1 });
    });
    expect(recorded.tree("db.response.returned_rows", "db.response.status_code")).toBe(
      `
GET /pets [server]
├─ INSERT "public"."prisma_pets" [client] {db.response.returned_rows=1}
├─ SELECT "public"."prisma_pets" [client] {db.response.returned_rows=1}
├─ UPDATE "public"."prisma_pets" [client]
├─ SELECT prisma_pets [client] {db.response.returned_rows=1}
├─ INSERT "public"."prisma_pets" [client] {db.response.status_code=23505}
│    ! error: 23505
├─ SELECT "public"."prisma_pets" [client] {db.response.returned_rows=0}
└─ DELETE "public"."prisma_pets" [client]`.trim(),
    );
    expect(JSON.stringify(recorded.spans)).not.toContain("secret");
  });

  it("has the plans of its slow queries", async () => {
    recorded.reset();
    await request("GET /pets", async () => await slowPrisma.pet.findMany({ where: { owner: "secret" } }));
    await vi.waitFor(() => expect(recorded.spans).toHaveLength(3), 10_000);
    expect(recorded.tree("convex.db.query.slow", "convex.db.query.plan.seq_scan")).toBe(
      `
GET /pets [server]
└─ SELECT "public"."prisma_pets" [client] {convex.db.query.slow=true}
   └─ EXPLAIN SELECT "public"."prisma_pets" [client] {convex.db.query.plan.seq_scan=["prisma_pets (owner)"]}`.trim(),
    );
    expect(JSON.stringify(recorded.spans)).not.toContain("secret");
  });
});
