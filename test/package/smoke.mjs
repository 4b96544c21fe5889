/**
 * Run by each Node version inside a fresh project that installed the packed package: every subpath loads as ESM and as
 * CommonJS with the same names, the bundled app registers its functions, spans really leave over HTTP, and the app runs in
 * the strict runtime where convex-test is installed.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(resolve("smoke.mjs"));
const { name, version, exports, bin } = require("convex-otel/package.json");
const strictSubpath = "./testing/strict";
const hasConvexTest = existsSync(resolve("node_modules/convex-test"));
/** Subpaths that ask for packages of others, and whether those are installed. */
const peers = { [strictSubpath]: hasConvexTest, "./node": existsSync(resolve("node_modules/@opentelemetry/api")) };

async function everySubpathLoads() {
  // Those of the component are for Convex's bundler and for test runners.
  const subpaths = Object.keys(exports).filter((key) => exports[key].import !== undefined);
  for (const subpath of subpaths.filter((key) => peers[key] !== false)) {
    const id = name + subpath.slice(1);
    const names = Object.keys(await import(id)).sort();
    assert.ok(names.length > 0, `${id} exports nothing`);
    assert.deepEqual(Object.keys(require(id)).sort(), names, `${id} differs between import and require`);
  }
}

async function componentLoads() {
  for (const subpath of ["convex.config", "convex.config.js"]) {
    assert.ok((await import(`${name}/${subpath}`)).default, `${subpath} has no component`);
  }
  const { enqueue } = await import(pathToFileURL(resolve("node_modules", name, "dist/component/enqueue.js")).href);
  assert.ok(enqueue.isMutation && enqueue.isPublic);
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

async function httpHandlersRun() {
  for (const { traceFetchHandler, tracedFetch } of [await import("convex-otel/http"), require("convex-otel/http")]) {
    const handler = traceFetchHandler(() => new Response("fine"), { route: "/" });
    const fetch = tracedFetch({ fetch: (input) => handler(new Request(input)) });
    assert.equal(await (await fetch("https://x.example/")).text(), "fine");
  }
}

async function serverIsTraced() {
  const { startOtlpReceiver } = await import("convex-otel/testing");
  const { otlp } = await import("convex-otel/otlp");
  const { withSpan } = await import("convex-otel");
  const { registerNode } = await import("convex-otel/node");
  const receiver = await startOtlpReceiver({ validation: "interoperable" });
  const tracing = registerNode({ service: { name: "smoke" }, exporter: otlp({ endpoint: receiver.url }) });
  assert.equal(require("convex-otel/node").registerNode({ diagnostics: () => {} }), tracing, "one set-up in a process");
  withSpan("outer", () => require("convex-otel").withSpan("inner", () => {}));
  await tracing.shutdown();
  const [inner, outer] = receiver.spans;
  assert.deepEqual([inner?.name, inner?.parentSpanId, outer?.name], ["inner", outer?.spanId, "outer"]);
  await receiver.close();
}

async function serverSaysWhatItNeeds() {
  await assert.rejects(() => import("convex-otel/node"), /@opentelemetry\//);
}

function commandLineRuns() {
  const output = execFileSync(process.execPath, [resolve("node_modules", name, bin[name]), "--version"], {
    encoding: "utf8",
  });
  assert.equal(output.trim(), version);
}

async function strictRuntimeSaysWhatItNeeds() {
  await assert.rejects(() => import(name + strictSubpath.slice(1)), /convex-test/);
}

async function appRunsInTheStrictRuntime() {
  const { strictConvex } = await import(name + strictSubpath.slice(1));
  const { makeFunctionReference } = await import("convex/server");
  const { startOtlpReceiver } = await import("convex-otel/testing");
  const receiver = await startOtlpReceiver();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const { t, callsOf, close } = await strictConvex({ dir: "convex", env });
  assert.equal(await t.mutation(makeFunctionReference("tasks:add"), { title: " a " }), "a");
  assert.deepEqual(await t.query(makeFunctionReference("tasks:list"), {}), []);
  assert.equal((await t.fetch("/hook", { method: "POST" })).status, 204);
  await receiver.waitForSpans(3);
  assert.deepEqual(receiver.spans.map((span) => span.name).sort(), ["POST /hook", "normalize", "tasks:add"]);
  const [list] = callsOf("tasks:list");
  assert.deepEqual([list.observedTime, list.clockReads, list.randomDraws, list.envReads], [false, 0, 0, []]);
  await close();
  await receiver.close();
}

await everySubpathLoads();
await componentLoads();
await appRegistersItsFunctions();
await spansLeave();
await httpHandlersRun();
await (peers["./node"] ? serverIsTraced() : serverSaysWhatItNeeds());
await (hasConvexTest ? appRunsInTheStrictRuntime() : strictRuntimeSaysWhatItNeeds());
commandLineRuns();
