/** A real Postgres: its own port, a fresh folder, gone afterwards. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePorts } from "../../../test/e2e/freePorts.js";

/** A running Postgres. */
export interface Postgres {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Who a process runs as. Postgres refuses to run as root. */
interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

const run = promisify(execFile);

const START_TIMEOUT_MS = 30_000;

/** Where Debian puts each version. */
const DEBIAN = "/usr/lib/postgresql";

/** Folder of `initdb` and `postgres`. @throws Error if Postgres is not installed */
export async function postgresFolder(): Promise<string> {
  const versions = await readdir(DEBIAN).catch(() => []);
  const newest = Math.max(...versions.map(Number).filter(Number.isInteger));
  if (newest > 0) return join(DEBIAN, String(newest), "bin");
  throw new Error("Postgres is not installed: tools/backends/debian.sh postgresql");
}

/** Starts Postgres in an empty folder, and waits until it answers. Throws with its output if it does not. */
export async function startPostgres(): Promise<Postgres> {
  const programs = await postgresFolder();
  const owner = await ownerOfPostgres();
  const folder = await mkdtemp(join(tmpdir(), "convex-otel-postgres-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    if (owner.uid !== undefined) await chown(folder, owner.uid, owner.gid ?? owner.uid);
    const data = join(folder, "data");
    const initdb = ["-D", data, "-U", "pulse", "--auth=trust", "--no-sync", "--locale=C.UTF-8"];
    await run(join(programs, "initdb"), initdb, { ...owner, cwd: folder });
    const { postgres: port } = await freePorts("postgres");
    const server = spawn(join(programs, "postgres"), [...settings(data, port)], { ...owner, cwd: folder });
    await untilReady(server, join(programs, "pg_isready"), port);
    const stop = async (): Promise<void> => {
      await end(server);
      await remove();
    };
    return { url: `postgres://pulse@127.0.0.1:${port}/postgres`, pid: server.pid ?? 0, stop };
  } catch (error) {
    await remove();
    throw error;
  }
}

function settings(data: string, port: number): readonly string[] {
  const values = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    // Each server of the run has a pool.
    max_connections: "120",
    shared_buffers: "256MB",
    // Nothing has to survive.
    fsync: "off",
  };
  const flags = Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return ["-D", data, "-p", String(port), ...flags];
}

/** As whom to run it: the user of Debian's package where this process is root's. */
async function ownerOfPostgres(): Promise<Owner> {
  if (process.getuid?.() !== 0) return {};
  const id = async (flag: string): Promise<number> => Number((await run("id", [flag, "postgres"])).stdout);
  return { uid: await id("-u"), gid: await id("-g") };
}

async function untilReady(server: ChildProcess, pgIsReady: string, port: number): Promise<void> {
  let output = "";
  const keep = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-4000));
  server.stdout?.on("data", keep);
  server.stderr?.on("data", keep);
  server.on("error", (error) => (output += error.message));
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const answers = await run(pgIsReady, ["-h", "127.0.0.1", "-p", String(port)]).then(
      () => true,
      () => false,
    );
    if (answers) return;
    if (server.exitCode !== null || server.pid === undefined || Date.now() > deadline) {
      await end(server);
      throw new Error(`Postgres did not start:\n${output}`);
    }
    await sleep(50);
  }
}

/** Ends it with all its connections; nothing has to be saved. */
async function end(server: ChildProcess): Promise<void> {
  if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, "exit");
  // "Immediate shutdown": its children go with it, as they would not with a kill.
  server.kill("SIGQUIT");
  await ended;
}
