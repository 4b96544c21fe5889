/**
 * Builds the Jaeger that the end-to-end tests run against, once, into the git-ignored `.cache` folder. About four
 * minutes cold, nothing when it is there. The version is pinned by go.mod and go.sum next to this file: a test that
 * reads Jaeger's API should fail because we broke something, not because Jaeger was released.
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

const moduleFolder = import.meta.dirname;
const root = resolve(moduleFolder, "../../..");

function pinnedVersion() {
  const match = /github\.com\/jaegertracing\/jaeger v(\S+)/.exec(readFileSync(join(moduleFolder, "go.mod"), "utf8"));
  if (!match) throw new Error("tools/backends/jaeger/go.mod does not name a version of github.com/jaegertracing/jaeger");
  return match[1];
}

function hasGo() {
  return spawnSync("go", ["version"], { stdio: "ignore" }).status === 0;
}

/** Prints how long the build has been going on, and how many packages are compiled. */
function reportProgress(build, version) {
  const started = Date.now();
  let packages = 0;
  let lastLines = "";
  build.stderr.setEncoding("utf8").on("data", (text) => {
    packages += text.split("\n").length - 1;
    lastLines = (lastLines + text).slice(-4000);
  });
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    console.error(`building Jaeger ${version}: ${seconds} s, ${packages} steps`);
  }, PROGRESS_EVERY_MS);
  return { stop: () => clearInterval(timer), lastLines: () => lastLines };
}

/** Builds beside the target and renames, so that a broken or parallel build never leaves half a binary. */
async function build(version, target) {
  mkdirSync(dirname(target), { recursive: true });
  const partial = `${target}.${process.pid}.partial`;
  const args = ["build", "-v", "-mod=readonly", "-trimpath", "-ldflags=-s -w"];
  const go = spawn("go", [...args, "-o", partial, "github.com/jaegertracing/jaeger/cmd/jaeger"], {
    cwd: moduleFolder,
    env: { ...process.env, CGO_ENABLED: "0" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const progress = reportProgress(go, version);
  const code = await new Promise((done) => go.on("close", done));
  progress.stop();
  if (code === 0) return renameSync(partial, target);
  rmSync(partial, { force: true });
  throw new Error(`go build ended with exit code ${code}:\n${progress.lastLines()}`);
}

const version = pinnedVersion();
const target = join(root, ".cache", "backends", `jaeger-${version}${process.platform === "win32" ? ".exe" : ""}`);

if (!existsSync(target)) {
  if (!hasGo()) {
    console.error("SKIPPED: Go is missing (https://go.dev/doc/install), so Jaeger cannot be built and its tests cannot run.");
    process.exit(GO_MISSING);
  }
  console.error(`building Jaeger ${version} once, about four minutes`);
  await build(version, target);
}
console.log(target);
