/** The example API as a process of its own, in one of the variants. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { freePorts } from "../../../test/e2e/freePorts.js";
import { type Variant, VARIANTS } from "../variants.js";

/** Where its services are, and how many rows its table has. */
export interface ApiEnvironment {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly rows: number;
  /** Base of OTLP over HTTP, where the variant sends its spans. */
  readonly otlpUrl?: string | undefined;
  /** Where its CPU profiles go: each SIGUSR2 starts one, or writes the one that was started. */
  readonly profileFile?: string | undefined;
  /** Where it writes how much memory it uses, on each SIGUSR2. */
  readonly heapFile?: string | undefined;
}

/** A running API. */
export interface ApiServer {
  readonly url: string;
  readonly pid: number;
  signal(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

const root = resolve(import.meta.dirname, "../../..");

/** The first server fills the table: a million rows take a while on a busy machine. */
const START_TIMEOUT_MS = 300_000;

/** In the repository, so that its packages are found. */
const bundle = join(root, ".cache", "load", "pulse-api.mjs");

/**
 * Compiles the API into one file that imports its packages as they are installed.
 *
 * @param library - convex-otel as users get it, minified; or its source within that file, for a profile with names in it
 */
export async function buildApi(library: "built" | "source"): Promise<void> {
  await build({
    entryPoints: [join(root, "examples/pulse-api/src/main.ts")],
    outfile: bundle,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    // The example's own settings point convex-otel to its source.
    ...(library === "built" ? { tsconfigRaw: {} } : {}),
  });
}

/** Starts the API and waits until it listens. Throws with its output if it does not. */
export async function startApi(variant: Variant, environment: ApiEnvironment): Promise<ApiServer> {
  const { flags, env } = VARIANTS[variant];
  const { databaseUrl, redisUrl, rows, otlpUrl, profileFile, heapFile } = environment;
  const preloads = [
    ...(profileFile === undefined ? [] : ["profiler.js"]),
    ...(heapFile === undefined ? [] : ["heapReporter.js"]),
  ].map((file) => `--import=${join(import.meta.dirname, file)}`);
  const { api: port } = await freePorts("api");
  const child = spawn(process.execPath, [...flags, ...preloads, bundle], {
    cwd: root,
    env: {
      ...withoutTelemetry(process.env),
      NODE_ENV: "production",
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      PULSE_ROWS: String(rows),
      PORT: String(port),
      ...(otlpUrl === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl }),
      ...(profileFile === undefined ? {} : { PROFILE_FILE: profileFile }),
      ...(heapFile === undefined ? {} : { HEAP_FILE: heapFile }),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  await untilListening(child, variant);
  const signal = (name: NodeJS.Signals): void => void child.kill(name);
  return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, signal, stop: () => end(child) };
}

/** What the shell says of telemetry and Node.js is for the harness. */
function withoutTelemetry(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(OTEL_|NODE_OPTIONS$)/.test(name)));
}

async function untilListening(child: ChildProcess, variant: Variant): Promise<void> {
  let output = "";
  const ready = new Promise<boolean>((done) => {
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-4000);
      if (output.includes("listens on")) done(true);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    child.on("error", (error) => keep(Buffer.from(error.message)));
    child.on("close", () => done(false));
    setTimeout(() => done(false), START_TIMEOUT_MS).unref();
  });
  if (await ready) return;
  await end(child);
  throw new Error(`pulse-api (${variant}) did not start:\n${output}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
