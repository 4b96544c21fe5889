/**
 * A server in a thread of its own, since instrumentation patches the modules of a whole thread. Told a number of requests, it
 * answers how many milliseconds each of them took.
 */
import { createServer } from "node:http";
import { parentPort, workerData } from "node:worker_threads";
import { Connection } from "./connection.js";
import { SET_UPS, type SetUp } from "./setUps.js";

const { setUp } = workerData as { readonly setUp: SetUp };
const connection = new Connection(createServer(SET_UPS[setUp]()), "/api/listings/42?currency=EUR", {
  host: "localhost:8080",
  "user-agent": "k6/0.57.0 (https://k6.io/)",
  "accept-encoding": "gzip, deflate, br",
  "x-api-key": "demo-key-of-pulse-api",
});

parentPort?.on("message", (count: number) => {
  void ask(count).then((ms) => parentPort?.postMessage(ms));
});

/** What the whole process works meanwhile: its other servers wait, and the garbage collector's threads belong to this one. */
async function ask(count: number): Promise<number> {
  const start = process.cpuUsage();
  for (let i = 0; i < count; i++) await connection.ask();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000 / count;
}
