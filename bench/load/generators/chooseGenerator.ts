/** k6, built once; autocannon where there is no Go. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import type { LoadOptions } from "../options.js";
import { autocannon } from "./autocannon.js";
import type { GeneratorProgram } from "./generator.js";
import { k6 } from "./k6.js";

/** Exit code of build.mjs that means: nothing is wrong but the missing Go. */
const GO_MISSING = 3;

const buildScript = resolve(import.meta.dirname, "../../../tools/backends/k6/build.mjs");

export function chooseGenerator(wanted: LoadOptions["generator"]): GeneratorProgram {
  if (wanted === "autocannon") return autocannon;
  const build = spawnSync(process.execPath, [buildScript], { stdio: ["ignore", "pipe", "inherit"], encoding: "utf8" });
  if (build.status === 0) return k6(build.stdout.trim());
  if (build.status === GO_MISSING && wanted !== "k6") return autocannon;
  throw new Error(`k6 was not built: exit code ${build.status}.`);
}
