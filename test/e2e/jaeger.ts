/**
 * A real Jaeger for a test: its own ports, its own memory, gone afterwards. Runs beside each other do not collide.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "./freePorts.js";
import { createJaegerClient, type JaegerClient } from "./jaegerClient.js";

/** A running Jaeger. */
export interface Jaeger extends JaegerClient {
  /** Base of OTLP over HTTP: what `OTEL_EXPORTER_OTLP_ENDPOINT` takes. */
  readonly otlpUrl: string;
  /** Base of the query API. */
  readonly queryUrl: string;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;

/** Another process may take a port between finding and using it. */
const START_ATTEMPTS = 3;

/**
 * Jaeger 2 with spans in memory and HTTP only. No batching: what was acknowledged can be read at once.
 * https://www.jaegertracing.io/docs/2.0/configuration/
 */
function configuration(ports: { otlp: number; query: number; queryGrpc: number }): string {
  return `service:
  extensions: [jaeger_storage, jaeger_query]
  pipelines:
    traces: { receivers: [otlp], exporters: [jaeger_storage_exporter] }
  telemetry: { metrics: { level: none }, logs: { level: warn } }
extensions:
  jaeger_query:
    storage: { traces: memory }
    http: { endpoint: "127.0.0.1:${ports.query}" }
    grpc: { endpoint: "127.0.0.1:${ports.queryGrpc}" }
  jaeger_storage: { backends: { memory: { memory: { max_traces: 10000 } } } }
receivers:
  otlp: { protocols: { http: { endpoint: "127.0.0.1:${ports.otlp}" } } }
exporters:
  jaeger_storage_exporter: { trace_storage: memory }
`;
}

/** Starts Jaeger and waits until it takes spans and answers queries. Throws with its output if it does not. */
export async function startJaeger(binary: string): Promise<Jaeger> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(binary);
    } catch (error) {
      if (attempt === START_ATTEMPTS || !String(error).includes("address already in use")) throw error;
    }
  }
}

async function startOnce(binary: string): Promise<Jaeger> {
  const ports = await freePorts("otlp", "query", "queryGrpc");
  const folder = await mkdtemp(join(tmpdir(), "convex-otel-jaeger-"));
  const file = join(folder, "config.yaml");
  await writeFile(file, configuration(ports));
  const child = spawn(binary, ["--config", file], { stdio: ["ignore", "pipe", "pipe"] });
  const stop = async (): Promise<void> => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  const otlpUrl = `http://127.0.0.1:${ports.otlp}`;
  const queryUrl = `http://127.0.0.1:${ports.query}`;
  try {
    await untilReady(child, [otlpUrl, `${queryUrl}/api/services`]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { otlpUrl, queryUrl, stop, ...createJaegerClient(queryUrl) };
}

async function untilReady(child: ChildProcess, urls: readonly string[]): Promise<void> {
  let output = "";
  const keep = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-4000));
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  child.on("error", (error) => (output += error.message));
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await allAnswer(urls))) {
    if (child.exitCode !== null || child.pid === undefined) throw new Error(`Jaeger ended while starting:\n${output}`);
    if (Date.now() > deadline) throw new Error(`Jaeger was not ready after ${START_TIMEOUT_MS} ms:\n${output}`);
    await sleep(50);
  }
}

/** Any answer will do: the OTLP port says 404 to a GET of its root. */
async function allAnswer(urls: readonly string[]): Promise<boolean> {
  const answers = await Promise.allSettled(urls.map((url) => fetch(url)));
  return answers.every(({ status }) => status === "fulfilled");
}

/** Kills: there is nothing to save, and a graceful end waits for idle keep-alive connections. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
