/**
 * Run by each Node version inside a fresh project that installed the packed package: every subpath loads as ESM and as
 * CommonJS with the same names, the bundled app registers its functions, and spans really leave over HTTP.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(resolve("smoke.mjs"));
const { name, version, exports, bin } = require("convex-otel/package.json");

async function everySubpathLoads() {
  for (const subpath of Object.keys(exports).filter((key) => key !== "./package.json")) {
    const id = name + subpath.slice(1);
    const names = Object.keys(await import(id)).sort();
    assert.ok(names.length > 0, `${id} exports nothing`);
    assert.deepEqual(Object.keys(require(id)).sort(), names, `${id} differs between import and require`);
  }
}

async function appRegistersItsFunctions() {
  const load = (file) => import(pathToFileURL(resolve("out", file)).href);
  const { add, list, sweep } = await load("tasks.js");
  assert.ok(add.isMutation && add.isPublic && sweep.isMutation && sweep.isInternal && list.isQuery);
  assert.deepEqual(Object.keys(JSON.parse(add.exportArgs()).value).sort(), ["_otel", "title"]);
  assert.deepEqual(JSON.parse(list.exportArgs()).value, {}, "a query never takes the carrier");
  assert.equal(await add._handler({}, { title: " a " }), "a");
  const { digest } = await load("nodeTasks.js");
  assert.ok(digest.isAction);
  assert.equal(await digest._handler({}, { text: "a" }), "ca978112");
  const { default: http } = await load("http.js");
  assert.ok(http.isRouter);
  assert.deepEqual(
    http.getRoutes().map(([path, method]) => `${method} ${path}`),
    ["POST /hook"],
  );
}

async function spansLeave() {
  const { startOtlpReceiver } = await import("convex-otel/testing");
  const span = JSON.parse(readFileSync("span.json", "utf8"));
  for (const { encodeSpans, otlp } of [await import("convex-otel/otlp"), require("convex-otel/otlp")]) {
    const receiver = await startOtlpReceiver();
    const { text } = encodeSpans([span], {
      resource: { attributes: { "service.name": "smoke" } },
      scope: { name: "smoke" },
    });
    const result = await otlp({ endpoint: receiver.tracesUrl }).send([text], { env: () => undefined });
    assert.equal(result.outcome, "delivered", JSON.stringify(result));
    assert.equal(receiver.spans[0]?.name, "smoke");
    await receiver.close();
  }
}

function commandLineRuns() {
  const output = execFileSync(process.execPath, [resolve("node_modules", name, bin[name]), "--version"], {
    encoding: "utf8",
  });
  assert.equal(output.trim(), version);
}

await everySubpathLoads();
await appRegistersItsFunctions();
await spansLeave();
commandLineRuns();
