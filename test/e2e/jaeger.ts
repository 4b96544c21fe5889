/**
 * A real Jaeger for a test: its own ports, its own storage, gone afterwards. Runs beside each other do not collide.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "./freePorts.js";
import { createJaegerClient, type JaegerClient } from "./jaegerClient.js";
import { configuration, type JaegerStorage } from "./jaegerConfig.js";

/** A running Jaeger. */
export interface Jaeger extends JaegerClient {
  /** Base of OTLP over HTTP: what `OTEL_EXPORTER_OTLP_ENDPOINT` takes. */
  readonly otlpUrl: string;
  /** Base of the query API. */
  readonly queryUrl: string;
  /** Id of its process, for who counts what it costs. */
  pid(): number;
  /** How many spans it has stored since it was started. */
  storedSpans(): Promise<number>;
  /** Kills it, as with `kill -9`. Everything that was only in its memory is lost. */
  kill(): Promise<void>;
  /** Starts it again after {@link kill}, on the same ports and with the same files. */
  restart(): Promise<void>;
  /** Kills it and deletes its files. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;

/** Another process may take a port between finding and using it. */
const START_ATTEMPTS = 3;

/** Starts Jaeger and waits until it takes spans and answers queries. Throws with its output if it does not. */
export async function startJaeger(binary: string, storage: JaegerStorage = "memory"): Promise<Jaeger> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(binary, storage);
    } catch (error) {
      if (attempt === START_ATTEMPTS || !String(error).includes("address already in use")) throw error;
    }
  }
}

async function startOnce(binary: string, storage: JaegerStorage): Promise<Jaeger> {
  const ports = await freePorts("otlp", "query", "queryGrpc", "metrics");
  const folder = await mkdtemp(join(tmpdir(), "convex-otel-jaeger-"));
  const file = join(folder, "config.yaml");
  await writeFile(file, configuration(storage, ports, folder));
  const otlpUrl = `http://127.0.0.1:${ports.otlp}`;
  const queryUrl = `http://127.0.0.1:${ports.query}`;
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => (child === undefined ? undefined : await end(child));
  const stop = async (): Promise<void> => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  };
  const restart = async (): Promise<void> => {
    await kill();
    child = spawn(binary, ["--config", file], { stdio: ["ignore", "pipe", "pipe"] });
    await untilReady(child, [otlpUrl, `${queryUrl}/api/services`]);
  };
  try {
    await restart();
  } catch (error) {
    await stop();
    throw error;
  }
  const pid = (): number => child?.pid ?? 0;
  const counted = (): Promise<number> => storedSpans(`http://127.0.0.1:${ports.metrics}/metrics`);
  return { otlpUrl, queryUrl, pid, storedSpans: counted, kill, restart, stop, ...createJaegerClient(queryUrl) };
}

/** Its own count, which has a line for each exporter once that has sent something. */
async function storedSpans(metricsUrl: string): Promise<number> {
  const text = await (await fetch(metricsUrl)).text();
  const lines = text.matchAll(/^otelcol_exporter_sent_spans(?:_total)?\{.*\} (\S+)$/gm);
  return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
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
