/**
 * Proves that what `npm pack` makes is what users need: installed into an empty project, bundled as Convex bundles,
 * type checked, and run on each supported Node, with the oldest and the newest supported Convex. Needs a build in
 * `dist`; the first run fetches the Node binaries.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runDemo } from "../examples/relayflow/demo/runDemo.ts";
import { bundleConvex } from "../src/testing/convexBundle.ts";
import { installNodes } from "./nodes/install.mjs";

const root = resolve(import.meta.dirname, "..");
const fixtures = join(root, "test", "package");
const windows = process.platform === "win32";

/** A finished span, as the recorder hands it to the encoder. */
const span = {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  traceFlags: 1,
  name: "smoke",
  kind: "internal",
  startTime: 1_700_000_000_000,
  endTime: 1_700_000_000_010,
  attributes: {},
  events: [],
  links: [],
  status: { code: 0 },
  droppedAttributesCount: 0,
  droppedEventsCount: 0,
  droppedLinksCount: 0,
};

function step(what, action) {
  const started = Date.now();
  const result = action();
  const done = (value) => {
    console.log(`ok  ${what} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    return value;
  };
  return result instanceof Promise ? result.then(done) : done(result);
}

function npm(args, cwd) {
  return execFileSync("npm", args, { cwd, encoding: "utf8", shell: windows, stdio: ["ignore", "pipe", "inherit"] });
}

function installedVersion(name) {
  return JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")).version;
}

/** Packs, and looks at what would be published: the build, the source of the component and what it imports, the papers, nothing else. */
function pack(folder) {
  const [packed] = JSON.parse(npm(["pack", "--json", "--ignore-scripts", "--pack-destination", folder], root));
  const expected =
    /^(dist\/((lazy|testing|component(\/_generated)?)\/)?[^/]+\.(js|cjs|d\.ts|d\.cts)|src\/(component|core|logs|otlp|semconv)\/(\w+\/)?[\w.]+\.ts|src\/component\/README\.md|src\/test\.ts|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;
  assert.deepEqual(
    packed.files.map(({ path }) => path).filter((path) => !expected.test(path)),
    [],
  );
  for (const paper of ["README.md", "LICENSE", "CHANGELOG.md"]) {
    assert.ok(
      packed.files.some(({ path }) => path === paper),
      `${paper} is not in the package`,
    );
  }
  return join(folder, packed.filename);
}

function installInto(folder, packages) {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  npm(["install", ...flags, ...packages], folder);
  cpSync(join(fixtures, "app"), folder, { recursive: true });
  cpSync(join(fixtures, "smoke.mjs"), join(folder, "smoke.mjs"));
  writeFileSync(join(folder, "span.json"), JSON.stringify(span));
}

/** Bundles with the esbuild that this Convex depends on. A warning is a failure: users would see it on every push. */
async function bundle(folder) {
  const { warnings } = await bundleConvex(join(folder, "convex"), { write: join(folder, "out") });
  assert.deepEqual(warnings, []);
}

function typeCheck(folder) {
  cpSync(join(root, "examples", "relayflow", "convex"), join(folder, "relayflow"), { recursive: true });
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [tsc, "-p", "relayflow"], { cwd: folder, stdio: "inherit" });
}

/** The oldest of what `convex-otel/node` says it works with; the tests run on the newest. */
const OLDEST_PEERS = ["@opentelemetry/sdk-trace-base@2.0.0", "@opentelemetry/api@1.9.0"];

async function checkWithConvex(convexVersion, tarball, nodes, { types, peers }) {
  const folder = mkdtempSync(join(tmpdir(), "convex-otel-package-"));
  const label = `convex ${convexVersion}`;
  const packages = [tarball, `convex@${convexVersion}`, `@types/node@${installedVersion("@types/node")}`];
  if (peers) packages.push(`convex-test@${installedVersion("convex-test")}`, ...OLDEST_PEERS);
  try {
    step(`${label}: installs into an empty project`, () => installInto(folder, packages));
    await step(`${label}: bundles without a warning`, () => bundle(folder));
    if (types) step(`${label}: the example app compiles against the published types`, () => typeCheck(folder));
    for (const { version, path } of nodes) {
      step(`${label}: runs on Node ${version}`, () =>
        execFileSync(path, ["smoke.mjs"], { cwd: folder, stdio: "inherit" }),
      );
    }
    step(`${label}: npx convex-otel --version`, () => {
      assert.equal(npm(["exec", "--", "convex-otel", "--version"], folder).trim(), installedVersion("convex-otel"));
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The demo, on the build that Convex's bundler chooses: all function types, HTTP, delivery, over real HTTP. */
async function demoOnTheBuild() {
  const { problems, spans } = await runDemo({ alias: {}, measuredRounds: 0 });
  assert.deepEqual(problems, []);
  assert.ok(spans.length > 50);
}

assert.ok(existsSync(join(root, "dist")), "there is no dist: run `npm run build` first");
const nodes = installNodes();
await step("the demo runs on the build", demoOnTheBuild);
const packFolder = mkdtempSync(join(tmpdir(), "convex-otel-pack-"));
try {
  const tarball = step("packs the build and the papers, nothing else", () => pack(packFolder));
  await checkWithConvex(installedVersion("convex-1.36"), tarball, nodes, { types: false, peers: false });
  await checkWithConvex(installedVersion("convex"), tarball, nodes, { types: true, peers: true });
} finally {
  rmSync(packFolder, { recursive: true, force: true });
}
