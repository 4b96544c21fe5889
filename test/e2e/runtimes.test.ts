/** `traceFetchHandler` and `registerNode` on Bun, Deno and Node.js, each a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { type OtlpReceiver, spanTree, startOtlpReceiver } from "../../src/testing/index.js";

const installed = inject("runtimesFolder");

/** Where the packages of the runtimes put their programs, with and without their install scripts. */
function program(...paths: readonly string[]): string {
  const found = paths.map((path) => join(installed, "node_modules", path)).find((path) => existsSync(path));
  return found ?? join(installed, paths[0] ?? "");
}

const RUNTIMES: readonly [name: string, command: string, args: readonly string[]][] = [
  ["Node.js", process.execPath, []],
  ["Bun", program("@oven/bun-linux-x64/bin/bun", "bun/bin/bun.exe"), []],
  ["Deno", program("@deno/linux-x64-glibc/deno", "deno/deno"), ["run", "--allow-all", "--no-config", "--quiet"]],
];

describe.skipIf(installed === "")("a handler of fetch", () => {
  const folder = mkdtempSync(join(tmpdir(), "convex-otel-runtimes-"));
  const bundle = join(folder, "server.mjs");
  let receiver: OtlpReceiver;
  let child: ChildProcess | undefined;

  beforeAll(async () => {
    const entry = join(import.meta.dirname, "runtimes/server.ts");
    await build({ entryPoints: [entry], outfile: bundle, bundle: true, platform: "node", format: "esm" });
  });

  beforeEach(async () => {
    receiver = await startOtlpReceiver();
  });

  afterEach(async () => {
    child?.kill("SIGKILL");
    await receiver.close();
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(RUNTIMES)("is traced on %s, and its last spans leave before the process ends", async (_, command, args) => {
    const running = spawn(command, [...args, bundle], { env: { ...process.env, RECEIVER: receiver.url } });
    child = running;
    let errors = "";
    running.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    const [line] = (await Promise.race([
      once(createInterface(running.stdout), "line"),
      once(running, "exit").then(() => [`it ended: ${errors}`]),
    ])) as [string];
    expect(line).toMatch(/^port \d+$/);
    const ask = async (id: number): Promise<string> => {
      const headers = { "x-correlation-id": `evt_${id}` };
      return await (await fetch(`http://127.0.0.1:${line.slice(5)}/items/${id}`, { headers })).text();
    };
    expect(await Promise.all([ask(1), ask(2)])).toEqual(["hello evt_1", "hello evt_2"]);
    const ended = once(running, "exit");
    running.kill("SIGTERM");
    await ended;
    const spans = await receiver.waitForSpans(6);
    const tree = `
GET /items/:id [server]
└─ read
   └─ greet
`;
    expect(`\n${spanTree(spans)}\n`).toBe(tree + tree);
    expect(errors).toBe("");
  });
});
