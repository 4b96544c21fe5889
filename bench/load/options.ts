/** What `npm run bench:load --` takes. */
import { parseArgs } from "node:util";
import { DEFAULT_ROWS } from "../../examples/pulse-api/src/database/seed.js";

/** What to do with the figures of a run. */
export type LoadMode = "measure" | "compare" | "save" | "profile" | "soak";

/** Settings of a run. */
export interface LoadOptions {
  readonly mode: LoadMode;
  readonly rounds: number;
  /** Of one variant in a round. */
  readonly seconds: number;
  readonly warmUpRounds: number;
  readonly connections: number;
  /** Requests a second; undefined: as many as are answered. */
  readonly perSecond: number | undefined;
  readonly rows: number;
  /** Of a soak. */
  readonly requests: number;
  readonly generator: "k6" | "autocannon" | "k6 if it can be built";
}

/** Entries of the cache of searches are good for 30 s: a longer round would refresh them, in traces of another size. */
const MAX_SECONDS = 20;

/** Of a day, at ten a second. */
const DEFAULT_SOAK_REQUESTS = 864_000;

/** @throws TypeError that says what is allowed */
export function parseOptions(args: readonly string[]): LoadOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      compare: { type: "boolean", default: false },
      save: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
      soak: { type: "boolean", default: false },
      requests: { type: "string", default: String(DEFAULT_SOAK_REQUESTS) },
      rounds: { type: "string", default: "12" },
      seconds: { type: "string", default: "4" },
      "warm-up": { type: "string", default: "2" },
      connections: { type: "string", default: "64" },
      "per-second": { type: "string" },
      rows: { type: "string", default: String(DEFAULT_ROWS) },
      generator: { type: "string" },
    },
  });
  const modes = (["compare", "save", "profile", "soak"] as const).filter((name) => values[name]);
  if (modes.length > 1) throw new TypeError(`Choose one of --${modes.join(" and --")}.`);
  const mode = modes[0] ?? "measure";
  const perSecond = values["per-second"];
  if (perSecond !== undefined && mode !== "measure") {
    throw new TypeError(`--per-second cannot be given with --${mode}, which needs as many requests as are answered.`);
  }
  return {
    mode,
    rounds: whole("--rounds", values.rounds, 1, 1_000),
    seconds: whole("--seconds", values.seconds, 1, MAX_SECONDS),
    warmUpRounds: whole("--warm-up", values["warm-up"], 0, 100),
    connections: whole("--connections", values.connections, 1, 10_000),
    perSecond: perSecond === undefined ? undefined : whole("--per-second", perSecond, 1, 1_000_000),
    rows: whole("--rows", values.rows, 1_000, 100_000_000),
    requests: whole("--requests", values.requests, 1_000, 1_000_000_000),
    generator: generatorOf(values.generator),
  };
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new TypeError(`${name} must be a whole number from ${least} to ${most}, not "${text}".`);
}

function generatorOf(name: string | undefined): LoadOptions["generator"] {
  if (name === undefined) return "k6 if it can be built";
  if (name === "k6" || name === "autocannon") return name;
  throw new TypeError(`--generator must be k6 or autocannon, not "${name}".`);
}
