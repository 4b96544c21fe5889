/** A real MariaDB for a test: its own port and folder, gone afterwards. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { freePorts } from "./freePorts.js";
import { startsListening } from "./startsListening.js";

/** A running MariaDB with a database `test`, where nobody is asked for a password. */
export interface MariadbServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts MariaDB and waits until it takes connections. Throws with its output if it does not. */
export async function startMariadb(binary: string): Promise<MariadbServer> {
  const { mariadb: port } = await freePorts("mariadb");
  const folder = mkdtempSync(join(tmpdir(), "mariadb-"));
  const shared = ["--no-defaults", `--datadir=${join(folder, "data")}`, `--user=${userInfo().username}`];
  execFileSync("mariadb-install-db", [...shared, "--auth-root-authentication-method=normal"], { stdio: "pipe" });
  const socket = `--socket=${join(folder, "socket")}`;
  const child = spawn(
    binary,
    [...shared, `--port=${port}`, "--bind-address=127.0.0.1", socket, "--skip-grant-tables", "--skip-networking=0"],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  await startsListening("MariaDB", child, port);
  return {
    port,
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
