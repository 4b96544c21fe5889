/** A worker, bundled as its users do and run by workerd, which is what Cloudflare runs. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { freePorts } from "./freePorts.js";
import { startsListening } from "./startsListening.js";

/** What a worker runs with. */
export interface WorkerSettings {
  /** One of `workers/`. */
  readonly entry: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

/** A running worker. */
export interface RunningWorker {
  readonly url: string;
  /** What it has printed, and what workerd has to say of it. */
  output(): string;
  stop(): Promise<void>;
}

/** Starts a worker that may send to the loopback interface. `installed` is where workerd is. */
export async function startWorker(installed: string, settings: WorkerSettings): Promise<RunningWorker> {
  const { worker: port } = await freePorts("worker");
  const folder = mkdtempSync(join(tmpdir(), "convex-otel-workerd-"));
  await build({
    entryPoints: [join(import.meta.dirname, "workers", settings.entry)],
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
    external: ["node:*"],
  });
  writeFileSync(join(folder, "config.capnp"), configOf(port, settings));
  const child = spawn(programIn(installed), ["serve", "config.capnp"], {
    cwd: folder,
    env: { ...process.env, PWD: folder },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await startsListening("workerd", child, port);
  return {
    url: `http://127.0.0.1:${port}`,
    output: () => output,
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The program itself: what the package installs as a command may be a script that starts it, and would leave it behind. */
function programIn(installed: string): string {
  const packages = join(installed, "node_modules/@cloudflare");
  return join(packages, readdirSync(packages)[0] ?? "", "bin/workerd");
}

function configOf(port: number, { compatibilityDate, compatibilityFlags, variables }: WorkerSettings): string {
  const bindings = Object.entries(variables).map(([name, text]) => `(name = "${name}", text = "${text}")`);
  return `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker), (name = "network", network = (allow = ["private"]))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "${compatibilityDate}",
  compatibilityFlags = ${JSON.stringify(compatibilityFlags)},
  bindings = [${bindings.join(", ")}],
  globalOutbound = "network",
);
`;
}
