/**
 * Set-up of the project `strict`: installs the package, freshly built, into a temporary folder. There Convex's bundler finds
 * it by its export conditions, so what the tests run is the lazy build that users run in production, and not the source.
 */
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "tsup";
import type { TestProject } from "vitest/node";
import { buildLazy } from "../../tools/buildLazy.js";
import builds from "../../tsup.config.js";

const root = resolve(import.meta.dirname, "../..");

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "convex-otel-installed-"));
  const modules = join(folder, "node_modules");
  const dist = join(modules, "convex-otel", "dist");
  await mkdir(dist, { recursive: true });
  await cp(join(root, "package.json"), join(modules, "convex-otel", "package.json"));
  await symlink(join(root, "node_modules/convex"), join(modules, "convex"));
  await buildLazy(join(dist, "lazy"));
  await buildEsm(dist);
  project.provide("installed", folder);
  return () => rm(folder, { recursive: true, force: true });
}

// The subpaths without a lazy build: the transport is loaded with `import()` already.
async function buildEsm(outDir: string): Promise<void> {
  const esm = (Array.isArray(builds) ? builds : []).find(({ name }) => name === "esm");
  if (esm === undefined) throw new Error("tsup.config.ts has no build named esm");
  await build({ ...esm, config: false, outDir, silent: true });
}
