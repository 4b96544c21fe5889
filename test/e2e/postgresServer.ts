/** A real PostgreSQL for a test: its own port and folder, gone afterwards. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { freePorts } from "./freePorts.js";
import { startsListening } from "./startsListening.js";

/** A running PostgreSQL, that takes `postgres` without a password. */
export interface PostgresServer {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root. Its Debian package comes with a user for it. */
function ownUser(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string): number => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: idOf("-u"), gid: idOf("-g") };
}

/** Starts PostgreSQL and waits until it takes connections. Throws with its output if it does not. */
export async function startPostgres(binary: string): Promise<PostgresServer> {
  const { postgres: port } = await freePorts("postgres");
  const folder = mkdtempSync(join(tmpdir(), "postgres-"));
  const user = ownUser();
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, "data");
  const initdb = join(binary, "..", "initdb");
  execFileSync(initdb, ["-D", data, "-U", "postgres", "-A", "trust", "--no-sync"], {
    ...user,
    cwd: folder,
    stdio: "pipe",
  });
  const options = ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-k", folder, "-c", "fsync=off"];
  const child = spawn(binary, options, { ...user, cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  await startsListening("PostgreSQL", child, port);
  await answersQueries(port);
  return {
    port,
    pid: child.pid ?? 0,
    async stop() {
      const ended = once(child, "exit");
      // A fast shutdown: sessions are ended, nothing is waited for.
      child.kill("SIGINT");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** SQLSTATE of `the database system is starting up`. */
const CANNOT_CONNECT_NOW = "57P03";

/** PostgreSQL takes connections a moment before it answers them. */
async function answersQueries(port: number): Promise<void> {
  for (;;) {
    const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", database: "postgres" });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError && error.code === CANNOT_CONNECT_NOW)) throw error;
      await sleep(20);
    }
  }
}
