/** Where the servers spend their time: V8's profiles of each variant under the same load, side by side. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseProfile, type SelfTimes, selfTimes } from "./figures/cpuProfile.js";
import { type GeneratorProgram, sendLoad } from "./generators/generator.js";
import type { LoadOptions } from "./options.js";
import { requestPlan } from "./requestPlan.js";
import { profileOf, setStage, type Stage } from "./stage.js";
import type { Variant } from "./variants.js";

const VARIANTS: readonly Variant[] = ["plain", "convex-otel", "auto-instrumentations-node"];

/** Lines of each table. */
const SHOWN = { packages: 25, functions: 45 };

/** Rounds until V8 has compiled what is hot, none of which is in the profile. */
const WARM_UP_ROUNDS = 2;

/** Time for a profile of some megabytes to be written. */
const WRITE_MS = 3_000;

type Times = Readonly<Record<"functions" | "packages", SelfTimes>>;

/** Microseconds of a request, by package and by function, as text. */
export async function profile(
  options: LoadOptions,
  generator: GeneratorProgram,
  log: (line: string) => void,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "convex-otel-profile-"));
  const stage = await setStage({ variants: VARIANTS, rows: options.rows, profiles: folder }, log);
  try {
    const times: Times[] = [];
    for (const variant of VARIANTS) times.push(await profileVariant(variant, stage, folder, options, generator));
    return (["packages", "functions"] as const)
      .map((what) =>
        table(
          what,
          times.map((all) => all[what]),
        ),
      )
      .join("\n\n");
  } finally {
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function profileVariant(
  variant: Variant,
  { variants, cache }: Stage,
  folder: string,
  { seconds, connections }: LoadOptions,
  generator: GeneratorProgram,
): Promise<Times> {
  const server = variants.get(variant)?.server;
  if (server === undefined) throw new Error(`There is no server to profile: ${variant}.`);
  const send = async (round: number): Promise<number> => {
    await cache.reset();
    return (await sendLoad(generator, { url: server.url, plan: requestPlan(round), connections, seconds })).requests;
  };
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) await send(round);
  server.signal("SIGUSR2");
  const requests = await send(WARM_UP_ROUNDS);
  server.signal("SIGUSR2");
  await sleep(WRITE_MS);
  const { functions, packages } = selfTimes(parseProfile(await readFile(profileOf(folder, variant), "utf8")));
  return { functions: ofRequest(functions, requests), packages: ofRequest(packages, requests) };
}

function ofRequest(times: SelfTimes, requests: number): SelfTimes {
  return new Map([...times].map(([name, time]) => [name, time / requests]));
}

/** What costs most more than in the plain server comes first. */
function table(what: keyof Times, [plain, ours, theirs]: readonly SelfTimes[]): string {
  const names = [...new Set([plain, ours, theirs].flatMap((times) => [...(times?.keys() ?? [])]))];
  const of = (times: SelfTimes | undefined, name: string): number => times?.get(name) ?? 0;
  const added = (name: string): number => of(ours, name) - of(plain, name);
  const sum = (times: SelfTimes | undefined): number =>
    [...(times?.values() ?? [])].reduce((all, time) => all + time, 0);
  const line = (name: string, values: readonly number[]): string =>
    `${values.map((value) => value.toFixed(1).padStart(12)).join("")}  ${name}`;
  const columns = [plain, ours, theirs];
  return [
    `Microseconds of a request, by ${what}: plain, convex-otel, auto-instrumentations-node, and what convex-otel adds`,
    line("all", [...columns.map(sum), sum(ours) - sum(plain)]),
    ...names
      .sort((a, b) => added(b) - added(a))
      .slice(0, SHOWN[what])
      .map((name) => line(name, [...columns.map((times) => of(times, name)), added(name)])),
  ].join("\n");
}
