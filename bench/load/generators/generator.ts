/** What sends the requests: a program of its own, so that its work is not that of the harness. */
import { type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEMO_KEY } from "../../../examples/pulse-api/src/startServer.js";
import { endedChildrenCpuMs } from "../machines/cpuTime.js";
import { ENDPOINTS, type PlannedRequest } from "../requestPlan.js";

/** What to send, and for how long. */
export interface LoadOrder {
  /** Base of the API. */
  readonly url: string;
  readonly plan: readonly PlannedRequest[];
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second, over all connections. Left out, each connection sends one request after the other, without a pause. */
  readonly perSecond?: number | undefined;
}

/** How long the answers of an endpoint took, in milliseconds. */
export interface EndpointTimes {
  readonly requests: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** What clients saw. */
export interface LoadResult {
  /** Answers of all endpoints. */
  readonly requests: number;
  /** Answers that were no success, requests without an answer, and those not sent in time since no connection was free. */
  readonly errors: number;
  /** Answers a second: without a rate in the order, as many as there can be. */
  readonly perSecond: number;
  readonly endpoints: Readonly<Record<PlannedRequest["kind"], EndpointTimes>>;
}

/** A program that reads an order from the file `ORDER` names, and writes its figures to the one `RESULT` names. */
export interface GeneratorProgram {
  readonly name: "k6" | "autocannon";
  readonly command: string;
  readonly args: readonly string[];
  readonly read: (figures: unknown) => LoadResult;
}

/** The result, and the processor time of the generator, in milliseconds, with that of its start. */
export type Sent = LoadResult & { readonly cpuMs: number };

/** Sends. Throws with what the program printed if it fails. */
export async function sendLoad({ command, args, read, name }: GeneratorProgram, order: LoadOrder): Promise<Sent> {
  const folder = await mkdtemp(join(tmpdir(), "convex-otel-load-"));
  try {
    const files = { ORDER: join(folder, "order.json"), RESULT: join(folder, "result.json") };
    await writeFile(files.ORDER, JSON.stringify({ ...order, key: DEMO_KEY, endpoints: ENDPOINTS }));
    const before = await endedChildrenCpuMs();
    await run(name, command, args, { env: { ...process.env, ...files } });
    const cpuMs = (await endedChildrenCpuMs()) - before;
    return { ...read(JSON.parse(await readFile(files.RESULT, "utf8"))), cpuMs };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(name: string, command: string, args: readonly string[], options: SpawnOptions): Promise<void> {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const keep = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-4000));
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${name} ended with exit code ${code}:\n${output}`);
}
