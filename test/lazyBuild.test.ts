/**
 * The build that Convex's bundler chooses: the recorder is there, in one piece, and is evaluated only when a call needs
 * it. Bundled with Convex's own settings and run in fresh contexts of Node, as Convex runs each call in one.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import vm from "node:vm";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildLazy } from "../tools/buildLazy.js";
import { PARTS } from "../tools/lazy/files.js";

const root = resolve(import.meta.dirname, "..");

const APP = `
  import { withSpan, getActiveSpan, setAttributes } from "convex-otel";
  import { instrumentConvex } from "convex-otel/convex";
  const builder = (definition) => ({ exportArgs: () => '{"type":"any"}', _handler: definition.handler ?? definition });
  const server = Object.fromEntries(
    ["query", "mutation", "action", "internalQuery", "internalMutation", "internalAction", "httpAction"].map((name) => [name, builder]),
  );
  const spans = [];
  const exporter = { name: "test", isConfigured: () => hasWayOut, send: async () => ({ outcome: "delivered", rejectedSpans: 0 }) };
  const otel = instrumentConvex(server, { exporter });
  export const list = otel.query(async () => {
    setAttributes({ a: 1 });
    return await withSpan("q", (span) => [span.isRecording(), getActiveSpan() === undefined]);
  });
  export const add = otel.mutation(async (ctx, args) => [args, await withSpan("m", (span) => span.isRecording())]);
  export const ask = otel.action(async () => "answer");
`;

describe("the lazy build", () => {
  const folder = mkdtempSync(join(tmpdir(), "convex-otel-lazy-"));
  let script: vm.Script;

  beforeAll(async () => {
    await buildLazy(folder);
    const lazy = join(folder, "lazy.js");
    const code = readFileSync(lazy, "utf8");
    const marked = code.replace(
      /export var (\w+)=\S* @__PURE__ \S*once\(function\(\)\{/g,
      '$&globalThis.evaluated.push("$1");',
    );
    expect([...marked.matchAll(/evaluated\.push\("(\w+)"\)/g)].map(([, part]) => part)).toEqual(PARTS);
    writeFileSync(lazy, marked);
    const { outputFiles, warnings } = await build({
      stdin: { contents: APP, resolveDir: root },
      bundle: true,
      format: "cjs",
      platform: "browser",
      conditions: ["convex", "module"],
      minifyIdentifiers: true,
      keepNames: true,
      alias: { "convex-otel/convex": join(folder, "convex.js"), "convex-otel": join(folder, "index.js") },
      nodePaths: [join(root, "node_modules")],
      outdir: folder,
      write: false,
    });
    expect(warnings).toEqual([]);
    script = new vm.Script(`(function (exports, module) {${outputFiles[0]?.text ?? ""}})`);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  type Handler = { readonly _handler: (ctx: object, args: object) => Promise<unknown> };

  /** Evaluates the app in a fresh context, inside or outside of Convex, and notes which parts of the library follow. */
  function evaluate(convex: object | undefined, hasWayOut = true) {
    const evaluated: string[] = [];
    const sandbox = { console, performance, process: { env: {} }, Convex: convex, evaluated, hasWayOut };
    const module = { exports: {} as Record<"list" | "add" | "ask", Handler> };
    const run = script.runInContext(vm.createContext(sandbox)) as (exports: object, module: object) => void;
    run(module.exports, module);
    return { evaluated, app: module.exports };
  }

  it("evaluates nothing to register functions, and no recorder in a query", async () => {
    const { evaluated, app } = evaluate({});
    expect(evaluated).toEqual([]);
    expect(await app.list._handler({}, {})).toEqual([false, true]);
    expect(evaluated).toEqual(["api"]);
  });

  it("evaluates no recorder where there is no Convex, or no way out", async () => {
    for (const { evaluated, app } of [evaluate(undefined), evaluate({}, false)]) {
      expect(await app.add._handler({}, { a: 1 })).toEqual([{ a: 1 }, false]);
      expect(evaluated).toEqual(["entry", "api"]);
    }
  });

  it("leaves the carrier in the arguments where there is no Convex", async () => {
    const { app } = evaluate(undefined);
    expect(await app.add._handler({}, { a: 1, _otel: 2 })).toEqual([{ a: 1, _otel: 2 }, false]);
  });

  it("records a mutation, which schedules its delivery", async () => {
    const { evaluated, app } = evaluate({});
    const scheduled: unknown[][] = [];
    const scheduler = { runAfter: async (...given: unknown[]) => void scheduled.push(given) };
    expect(await app.add._handler({ scheduler }, { a: 1, _otel: {} })).toEqual([{ a: 1 }, true]);
    expect(evaluated).toEqual(["entry", "runtime", "api", "carrier"]);
    const [[delay, , args]] = scheduled as [[number, unknown, { texts: string[] }]];
    expect(delay).toBe(0);
    expect(args.texts[0]).toContain('"name":"m"');
  });
});
