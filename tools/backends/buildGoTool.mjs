/**
 * Builds a program written in Go, once, into the git-ignored `.cache` folder. Its version is pinned by the go.mod and go.sum of a
 * folder of its own: what is measured with it, or read from it, should change because we changed something, not because it
 * was released.
 *
 * Prints the path of the binary; progress and errors go to stderr. Exit codes: 0 built or found, 1 the build failed,
 * 3 Go is missing.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const GO_MISSING = 3;

/** How often a line tells that the build is alive. */
const PROGRESS_EVERY_MS = 15_000;

const root = resolve(import.meta.dirname, "../..");

/**
 * @param name - of the binary, and to speak of it
 * @param folder - with its go.mod
 * @param module - whose version is the program's
 * @param command - what to build: the module, or a package in it
 * @param expect - how long that takes, in words
 */
export async function buildGoTool({ name, folder, module, command, expect }) {
  const version = pinnedVersion(folder, module);
  const target = join(root, ".cache", "backends", `${name}-${version}${process.platform === "win32" ? ".exe" : ""}`);
  if (!existsSync(target)) {
    if (spawnSync("go", ["version"], { stdio: "ignore" }).status !== 0) {
      console.error(`SKIPPED: Go is missing (https://go.dev/doc/install), so ${name} cannot be built: what needs it cannot run.`);
      process.exit(GO_MISSING);
    }
    console.error(`building ${name} ${version} once, about ${expect}`);
    await build(folder, command, target, `${name} ${version}`);
  }
  console.log(target);
}

function pinnedVersion(folder, module) {
  const file = join(folder, "go.mod");
  const match = new RegExp(`${module.replaceAll(".", "\\.")} v(\\S+)`).exec(readFileSync(file, "utf8"));
  if (!match) throw new Error(`${file} does not name a version of ${module}`);
  return match[1];
}

/** Builds beside the target and renames, so that a broken or parallel build never leaves half a binary. */
async function build(folder, command, target, title) {
  mkdirSync(dirname(target), { recursive: true });
  const partial = `${target}.${process.pid}.partial`;
  const args = ["build", "-v", "-mod=readonly", "-trimpath", "-ldflags=-s -w"];
  const go = spawn("go", [...args, "-o", partial, command], {
    cwd: folder,
    env: { ...process.env, CGO_ENABLED: "0" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const progress = reportProgress(go, title);
  const code = await new Promise((done) => go.on("close", done));
  progress.stop();
  if (code === 0) return renameSync(partial, target);
  rmSync(partial, { force: true });
  throw new Error(`go build ended with exit code ${code}:\n${progress.lastLines()}`);
}

/** Prints how long the build has been going on, and how many packages are compiled. */
function reportProgress(build, title) {
  const started = Date.now();
  let packages = 0;
  let lastLines = "";
  build.stderr.setEncoding("utf8").on("data", (text) => {
    packages += text.split("\n").length - 1;
    lastLines = (lastLines + text).slice(-4000);
  });
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    console.error(`building ${title}: ${seconds} s, ${packages} steps`);
  }, PROGRESS_EVERY_MS);
  return { stop: () => clearInterval(timer), lastLines: () => lastLines };
}
