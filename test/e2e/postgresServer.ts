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
      await sessionsEnd(port);
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
    const client = session(port);
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

/** How long a pool that was ended may take to hang up. */
const HANG_UP_MS = 2_000;

const OTHERS =
  "SELECT count(*)::int AS others FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";

/** A client that is hanging up while the server stops would be told so, when nobody listens to it any more. */
async function sessionsEnd(port: number): Promise<void> {
  const client = session(port);
  try {
    await client.connect();
    const deadline = Date.now() + HANG_UP_MS;
    while ((await client.query<{ others: number }>(OTHERS)).rows[0]?.others !== 0 && Date.now() < deadline)
      await sleep(20);
    await client.end();
  } catch {
    // The server is gone already.
  }
}

function session(port: number): pg.Client {
  const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", database: "postgres" });
  // This one, too, may be told while it hangs up.
  client.on("error", () => undefined);
  return client;
}
