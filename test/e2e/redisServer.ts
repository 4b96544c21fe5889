/** A real Redis for a test: its own port, nothing on disk, gone afterwards. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createConnection } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "./freePorts.js";

/** A running Redis. */
export interface RedisServer {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 10_000;

/** Starts Redis and waits until it takes connections. Throws with its output if it does not. */
export async function startRedis(binary: string): Promise<RedisServer> {
  const { redis: port } = await freePorts("redis");
  const options = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const child = spawn(binary, options, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.on("error", (error) => (output += error.message));
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await accepts(port))) {
    const isOver = child.exitCode !== null || child.pid === undefined || Date.now() > deadline;
    if (isOver) {
      await end(child);
      throw new Error(`Redis did not start:\n${output}`);
    }
    await sleep(20);
  }
  return { port, pid: child.pid ?? 0, stop: () => end(child) };
}

async function accepts(port: number): Promise<boolean> {
  const socket = createConnection({ port, host: "127.0.0.1" });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Kills: there is nothing to save. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
