/**
 * Fetches the Node binaries that the built package is tested on, once, into the git-ignored `.cache` folder. They come
 * from the npm packages `node-<platform>-<arch>`, so a machine with npm needs nothing else.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const { nodes: versions } = JSON.parse(readFileSync(join(import.meta.dirname, "package.json"), "utf8"));

const windows = process.platform === "win32";
const packageName = `node-${windows ? "win" : process.platform}-${process.arch}`;
const folder = join(root, ".cache", "nodes");

function binaryOf(version) {
  return join(folder, "node_modules", `node-${version}`, "bin", windows ? "node.exe" : "node");
}

/** Returns `{ version, path }` of each Node, fetching what is missing. */
export function installNodes() {
  const nodes = versions.map((version) => ({ version, path: binaryOf(version) }));
  if (nodes.every(({ path }) => existsSync(path))) return nodes;
  mkdirSync(folder, { recursive: true });
  const dependencies = Object.fromEntries(
    versions.map((version) => [`node-${version}`, `npm:${packageName}@${version}`]),
  );
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies }, null, 2));
  const flags = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error"];
  execFileSync("npm", ["install", ...flags], { cwd: folder, stdio: "inherit", shell: windows });
  return nodes;
}
