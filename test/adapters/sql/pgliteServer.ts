/** A PGlite that node-postgres can connect to: Postgres itself, in the process, behind a socket. */
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { freePorts } from "../../e2e/freePorts.js";

/** A running server. */
export interface PgliteServer {
  readonly db: PGlite;
  readonly port: number;
  stop(): Promise<void>;
}

const CONNECTIONS = 10;

/** Starts one. It takes seconds: share it in a file. */
export async function startPglite(): Promise<PgliteServer> {
  const { pglite: port } = await freePorts("pglite");
  const db = await PGlite.create();
  const server = new PGLiteSocketServer({ db, port, host: "127.0.0.1", maxConnections: CONNECTIONS });
  await server.start();
  return {
    db,
    port,
    async stop() {
      await server.stop();
      await db.close();
    },
  };
}
