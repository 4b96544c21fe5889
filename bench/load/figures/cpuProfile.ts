/** Reads V8's CPU profiles: how much of the time each function and each package has for itself. */
import { z } from "zod";

const schema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
    }),
  ),
  samples: z.array(z.number()),
  /** Microseconds since the sample before. */
  timeDeltas: z.array(z.number()),
});

export type CpuProfile = z.infer<typeof schema>;

/** A share of the time in which the process did something. */
export interface Share {
  readonly name: string;
  readonly share: number;
}

export function parseProfile(text: string): CpuProfile {
  return schema.parse(JSON.parse(text));
}

/** Shares in descending order. Time in which the process waited is left out. */
export function selfTimes({
  nodes,
  samples,
  timeDeltas,
}: CpuProfile): Readonly<Record<"functions" | "groups", readonly Share[]>> {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const functions = new Map<string, number>();
  const groups = new Map<string, number>();
  samples.forEach((id, index) => {
    const frame = frames.get(id);
    if (frame === undefined || frame.functionName === "(idle)") return;
    const time = timeDeltas[index] ?? 0;
    const group = packageOf(frame.url);
    const name = `${frame.functionName || "(anonymous)"} ${group}:${frame.lineNumber + 1}`;
    add(functions, frame.url === "" ? frame.functionName : name, time);
    add(groups, frame.url === "" ? frame.functionName : group, time);
  });
  return { functions: shares(functions), groups: shares(groups) };
}

function add(times: Map<string, number>, name: string, time: number): void {
  times.set(name, (times.get(name) ?? 0) + time);
}

function shares(times: ReadonlyMap<string, number>): readonly Share[] {
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times].map(([name, time]) => ({ name, share: time / total })).sort((a, b) => b.share - a.share);
}

/** A package by its name, a file of this repository or of Node.js by its last parts. */
function packageOf(url: string): string {
  const installed = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (installed !== undefined) return installed;
  if (url.startsWith("node:")) return url;
  return url.split("/").slice(-2).join("/");
}
