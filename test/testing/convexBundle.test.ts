/** Bundling as Convex does, compared with Convex's own bundler on the same app, byte by byte. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type ConvexBundle, bundleConvex } from "../../src/testing/convexBundle.js";
import { ConvexBundleError } from "../../src/testing/convexBundleError.js";
import { loadConvexEsbuild } from "../../src/testing/convexEsbuild.js";

import { filesOfConvex } from "./convexOwnBundler.js";

const FIXTURES = path.resolve(import.meta.dirname, "../cli/fixtures");
const SHOP = path.join(FIXTURES, "shop");
const EDGES = path.resolve(import.meta.dirname, "fixtures/edges");

let folder: string;
beforeAll(() => {
  // Below the project, so that what is written there resolves its packages.
  mkdirSync(".cache", { recursive: true });
  folder = mkdtempSync(path.resolve(".cache/bundle-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("the files are those that Convex deploys", () => {
  test.each([
    ["an app with both runtimes and shared chunks", SHOP],
    ["imports that Convex replaces", EDGES],
  ])("%s", async (_, app) => {
    const { files } = await bundleConvex(path.join(app, "convex"));
    expect(Object.fromEntries(files)).toEqual(await filesOfConvex(app, folder));
  });
});

describe("a bundle", () => {
  let bundle: ConvexBundle;
  beforeAll(async () => {
    bundle = await bundleConvex(path.join(SHOP, "convex"), { write: path.join(folder, "out") });
  });

  test("names modules as function paths do, with their runtime", () => {
    expect(bundle.modules.map(({ name, environment }) => `${name} ${environment}`)).toEqual([
      "admin/deep/users isolate",
      "auth isolate",
      "billing isolate",
      "crons isolate",
      "custom isolate",
      "http isolate",
      "legacy/v1/import isolate",
      "orders isolate",
      "otel isolate",
      "payments isolate",
      "pdf node",
      "reports isolate",
    ]);
  });

  test("has a file for each module, and chunks of each runtime in their own folder", () => {
    for (const { file } of bundle.modules) expect(bundle.files.has(file)).toBe(true);
    const shared = [...bundle.files.keys()].filter((file) => file.startsWith("_deps/"));
    expect(shared.length).toBeGreaterThan(0);
    expect(bundle.warnings).toEqual([]);
  });

  test("is written where it is asked to", () => {
    for (const [file, text] of bundle.files) {
      expect(readFileSync(path.join(folder, "out", file), "utf8")).toBe(text);
    }
  });
});

describe("options", () => {
  test("external packages stay imports, in modules for Node.js only", async () => {
    const { files } = await bundleConvex(path.join(FIXTURES, "hostile/convex"), { external: ["native-thing"] });
    expect(files.get("external.js")).toMatch(/from "native-thing"/);
    expect(files.get("external.js")).toMatch(/from "native-thing\/sub"/);
  });

  test("an alias stands in for a package, a plugin for anything", async () => {
    const stub = path.join(EDGES, "stub.js");
    const alias = await bundleConvex(path.join(FIXTURES, "hostile/convex"), {
      alias: { "native-thing/sub": stub, "native-thing": stub },
    });
    expect([...alias.files.values()].join("\n")).toContain("the stub is here");
    const plugin = await bundleConvex(path.join(FIXTURES, "hostile/convex"), {
      plugins: [{ name: "stub", setup: ({ onResolve }) => onResolve({ filter: /^native/ }, () => ({ path: stub })) }],
    });
    expect([...plugin.files.values()].join("\n")).toContain("the stub is here");
  });

  test("warnings name file and line", async () => {
    const { warnings } = await bundleConvex(path.join(EDGES, "convex"));
    expect(warnings).toEqual(['convex/warns.js:1:35: The "typeof" operator will never evaluate to "strnig"']);
  });
});

describe("what cannot be bundled", () => {
  test("no folder", async () => {
    await expect(bundleConvex("/nowhere/convex")).rejects.toThrow("There is no folder /nowhere/convex");
  });

  test("no convex package", () => {
    expect(() => loadConvexEsbuild("/")).toThrow('No package "convex" found from /: install the app\'s dependencies');
  });

  test("Node.js in Convex's own runtime", async () => {
    const error: unknown = await bundleConvex(path.join(FIXTURES, "broken/convex")).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConvexBundleError);
    expect(error).toHaveProperty("reasons", [
      'convex/tasks.ts:1:24: Could not resolve "node:net"',
      'Modules that use Node.js need "use node" at their top: see https://docs.convex.dev/functions/runtimes',
    ]);
  });
});
