/** node-postgres on Postgres in the process: what holds on a real server, too. */
import { afterAll, beforeAll, describe } from "vitest";
import { type PgliteServer, startPglite } from "./pgliteServer.js";
import { pgTests } from "./pgSuite.js";

describe("node-postgres on PGlite", () => {
  let server: PgliteServer;

  beforeAll(async () => {
    server = await startPglite();
  }, 60_000);

  afterAll(async () => {
    await server.stop();
  });

  pgTests(() => ({
    host: "127.0.0.1",
    port: server.port,
    user: "postgres",
    password: "postgres",
    database: "postgres",
  }));
});
