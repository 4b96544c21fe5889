/** A real Redis for a test: its own port, nothing on disk, gone afterwards. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "./freePorts.js";
import { startsListening } from "./startsListening.js";

/** A running Redis. */
export interface RedisServer {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts Redis and waits until it takes connections. Throws with its output if it does not. */
export async function startRedis(binary: string): Promise<RedisServer> {
  const { redis: port } = await freePorts("redis");
  return await startRedisOn(binary, port);
}

/** The same on a given port, with more options. */
export async function startRedisOn(binary: string, port: number, more: readonly string[] = []): Promise<RedisServer> {
  const options = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", ...more];
  const child = spawn(binary, options, { stdio: ["ignore", "pipe", "pipe"] });
  await startsListening("Redis", child, port);
  return { port, pid: child.pid ?? 0, stop: () => end(child) };
}

/** Starts a sentinel that knows the server as `mymaster`. It writes into its settings, in `folder`. */
export async function startSentinel(binary: string, server: number, folder: string): Promise<RedisServer> {
  const { sentinel: port } = await freePorts("sentinel");
  const settings = join(folder, `sentinel-${port}.conf`);
  writeFileSync(settings, `bind 127.0.0.1\nport ${port}\nsentinel monitor mymaster 127.0.0.1 ${server} 1\n`);
  const child = spawn(binary, [settings, "--sentinel"], { stdio: ["ignore", "pipe", "pipe"] });
  await startsListening("Redis Sentinel", child, port);
  return { port, pid: child.pid ?? 0, stop: () => end(child) };
}

/** Kills: there is nothing to save. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
