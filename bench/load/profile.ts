/** Where the traced server spends its time: V8's profile of it under the same load. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseProfile, selfTimes } from "./figures/cpuProfile.js";
import { type GeneratorProgram, sendLoad } from "./generators/generator.js";
import type { LoadOptions } from "./options.js";
import { requestPlan } from "./requestPlan.js";
import { setStage } from "./stage.js";

const SHOWN = 40;

/** Node.js writes its profile when it exits by itself. */
const EXIT_ON_SIGNAL = "--import=data:text/javascript,process.once('SIGUSR2',()=>process.exit(0))";

/** The functions with most time of their own, as text. */
export async function profile(
  { seconds, connections, rows }: LoadOptions,
  generator: GeneratorProgram,
  log: (line: string) => void,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "convex-otel-profile-"));
  const flags = ["--cpu-prof", `--cpu-prof-dir=${folder}`, EXIT_ON_SIGNAL];
  const stage = await setStage({ variants: ["convex-otel"], rows, flags }, log);
  try {
    const server = stage.variants.get("convex-otel")?.server;
    if (server === undefined) throw new Error("The server to profile is missing.");
    for (let round = 0; round < 3; round += 1) {
      await stage.cache.reset();
      await sendLoad(generator, { url: server.url, plan: requestPlan(round), connections, seconds });
    }
    await server.stop("SIGUSR2");
    const [file] = await readdir(folder);
    if (file === undefined) throw new Error("Node.js wrote no profile.");
    const { functions, groups } = selfTimes(parseProfile(await readFile(join(folder, file), "utf8")));
    const line = ({ name, share }: { name: string; share: number }): string =>
      `${(share * 100).toFixed(1).padStart(6)} %  ${name}`;
    return ["By package:", ...groups.map(line), "", "By function:", ...functions.slice(0, SHOWN).map(line)].join("\n");
  } finally {
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  }
}
