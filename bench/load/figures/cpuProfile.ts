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

/** Microseconds that something had for itself, by its name. */
export type SelfTimes = ReadonlyMap<string, number>;

export function parseProfile(text: string): CpuProfile {
  return schema.parse(JSON.parse(text));
}

/** By function and by package. Time in which the process waited is left out. */
export function selfTimes({
  nodes,
  samples,
  timeDeltas,
}: CpuProfile): Readonly<Record<"functions" | "packages", SelfTimes>> {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const functions = new Map<string, number>();
  const packages = new Map<string, number>();
  samples.forEach((id, index) => {
    const frame = frames.get(id);
    if (frame === undefined || frame.functionName === "(idle)") return;
    const time = timeDeltas[index] ?? 0;
    // V8's own, and functions of Node.js that are not JavaScript, have no file.
    const owner = frame.url === "" ? frame.functionName : packageOf(frame.url);
    const name = `${frame.functionName || "(anonymous)"} ${owner}:${frame.lineNumber + 1}`;
    add(functions, frame.url === "" ? owner : name, time);
    add(packages, owner, time);
  });
  return { functions, packages };
}

function add(times: Map<string, number>, name: string, time: number): void {
  times.set(name, (times.get(name) ?? 0) + time);
}

/** A package by its name, a file of this repository or of Node.js by its last parts. */
function packageOf(url: string): string {
  const installed = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (installed !== undefined) return installed;
  if (url.startsWith("node:")) return url;
  return url.split("/").slice(-2).join("/");
}
