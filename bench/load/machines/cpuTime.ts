/**
 * Processor time, as Linux counts it. Where generator, server and databases share their cores, this says more of a server than
 * throughput does: it does not grow while somebody else has the core.
 */
import { readdir, readFile } from "node:fs/promises";

/** Linux tells user space a hundredth of a second (`USER_HZ`), on all machines that Node.js runs on. */
const MS_PER_TICK = 10;

/** What `/proc/<pid>/stat` says of a process, in milliseconds. */
export interface ProcessTimes {
  readonly parent: number;
  /** Of all its threads. */
  readonly own: number;
  /** Of the children that have ended. */
  readonly endedChildren: number;
}

/** @param stat - a line of `/proc/<pid>/stat`. The name of the program, in parentheses, may have any characters. */
export function parseStat(stat: string): ProcessTimes {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // Numbers of proc(5), where the state of the process is field 3.
  const field = (number: number): number => Number(fields[number - 3]);
  return {
    parent: field(4),
    own: (field(14) + field(15)) * MS_PER_TICK,
    endedChildren: (field(16) + field(17)) * MS_PER_TICK,
  };
}

/** Of a process, all its threads. */
export async function cpuMs(pid: number): Promise<number> {
  return (await timesOf(pid)).own;
}

/** Of children of this process that have ended. */
export async function endedChildrenCpuMs(): Promise<number> {
  return (await timesOf(process.pid)).endedChildren;
}

/** Of a process and its children: Postgres has one for each connection. */
export async function familyCpuMs(pid: number): Promise<number> {
  const { own, endedChildren } = await timesOf(pid);
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const all = await Promise.allSettled(pids.map(timesOf));
  const living = all.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  return living.filter(({ parent }) => parent === pid).reduce((sum, child) => sum + child.own, own + endedChildren);
}

async function timesOf(pid: number): Promise<ProcessTimes> {
  return parseStat(await readFile(`/proc/${pid}/stat`, "utf8"));
}
