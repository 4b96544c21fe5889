/** A real Redis Cluster for a test: three nodes on loopback, each with a third of the slots, nothing on disk, gone afterwards. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { freePorts } from "./freePorts.js";
import { type RedisServer, startRedisOn } from "./redisServer.js";

/** A running cluster. Its nodes are numbered as their slots are. */
export interface RedisCluster {
  readonly ports: readonly number[];
  /** Speaks to one node, and is not instrumented. */
  node(index: number): Redis;
  /** Moves a slot from one node to another, in the two steps that a cluster knows: `ASK` between them, `MOVED` after them. */
  startMoving(slot: number, from: number, to: number): Promise<void>;
  endMoving(slot: number, from: number, to: number): Promise<void>;
  stopNode(index: number): Promise<void>;
  stop(): Promise<void>;
}

/** Of 16,384 slots: first and last of each node. The very last one is nobody's. */
const RANGES = [
  [0, 5460],
  [5461, 10922],
  [10923, 16382],
] as const;

const READY_TIMEOUT_MS = 20_000;

/** Starts three nodes, makes them know each other, and waits until all of them say that the cluster is well. */
export async function startRedisCluster(binary: string): Promise<RedisCluster> {
  const folder = mkdtempSync(join(tmpdir(), "redis-cluster-"));
  const ports = await freePorts("node0", "node1", "node2", "bus0", "bus1", "bus2");
  const places: readonly Place[] = [
    { port: ports.node0, bus: ports.bus0 },
    { port: ports.node1, bus: ports.bus1 },
    { port: ports.node2, bus: ports.bus2 },
  ];
  const servers = await Promise.all(places.map((place) => startNode(binary, folder, place)));
  const nodes = places.map(({ port }) => new Redis({ host: "127.0.0.1", port }));
  for (const each of nodes) each.on("error", () => undefined);
  await meet(nodes, places);
  const node = (index: number): Redis => nodes[index] ?? raise(`there is no node ${index}`);
  const setSlot = async (index: number, slot: number, state: "MIGRATING" | "IMPORTING" | "NODE", of: number) => {
    await node(index).call("CLUSTER", "SETSLOT", String(slot), state, String(await node(of).call("CLUSTER", "MYID")));
  };
  return {
    ports: places.map(({ port }) => port),
    node,
    async startMoving(slot, from, to) {
      await setSlot(to, slot, "IMPORTING", from);
      await setSlot(from, slot, "MIGRATING", to);
    },
    async endMoving(slot, from, to) {
      for (const index of [to, from]) await setSlot(index, slot, "NODE", to);
    },
    stopNode: async (index) => await servers[index]?.stop(),
    async stop() {
      for (const each of nodes) each.disconnect();
      for (const each of servers) await each.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Where a node listens for clients, and for other nodes. */
interface Place {
  readonly port: number;
  readonly bus: number;
}

/** Without replicas nobody takes over: what is left answers for its own slots. */
async function startNode(binary: string, folder: string, { port, bus }: Place): Promise<RedisServer> {
  const cluster = [
    "--cluster-enabled",
    "yes",
    "--cluster-config-file",
    `nodes-${port}.conf`,
    "--cluster-port",
    String(bus),
  ];
  return await startRedisOn(binary, port, [...cluster, "--dir", folder, "--cluster-require-full-coverage", "no"]);
}

async function meet(nodes: readonly Redis[], places: readonly Place[]): Promise<void> {
  for (const [index, [first, last]] of RANGES.entries()) {
    await nodes[index]?.call("CLUSTER", "ADDSLOTSRANGE", String(first), String(last));
  }
  for (const { port, bus } of places.slice(1)) {
    await nodes[0]?.call("CLUSTER", "MEET", "127.0.0.1", String(port), String(bus));
  }
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!(await Promise.all(nodes.map(knowsAll))).every(Boolean)) {
    if (Date.now() > deadline) throw new Error(`No cluster: ${String(await nodes[0]?.call("CLUSTER", "NODES"))}`);
    await sleep(50);
  }
}

async function knowsAll(node: Redis): Promise<boolean> {
  const info = String(await node.call("CLUSTER", "INFO"));
  return ["cluster_state:ok", "cluster_slots_ok:16383", "cluster_known_nodes:3"].every((fact) => info.includes(fact));
}

function raise(message: string): never {
  throw new Error(message);
}
