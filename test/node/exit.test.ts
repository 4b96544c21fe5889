/** Real processes that end, with a span waiting: it arrives, and they end as they would have without tracing. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startOtlpReceiver, type OtlpReceiver } from "../../src/testing/index.js";

const root = resolve(import.meta.dirname, "../..");

/** How a process ended, and what it said. */
interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly said: readonly string[];
}

let folder: string;
let program: string;
let receiver: OtlpReceiver;

beforeAll(async () => {
  // Beside the packages it imports.
  folder = mkdtempSync(join(tmpdir(), "convex-otel-exit-"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  program = join(folder, "program.mjs");
  await build({
    entryPoints: [join(root, "test/node/processes/program.ts")],
    outfile: program,
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    logLevel: "error",
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  receiver = await startOtlpReceiver({ validation: "interoperable" });
});

afterEach(() => receiver.close());

/** Runs a scene to its end, and sends the signals when it says that it is ready. */
async function run(
  scene: string,
  { endpoint = receiver.url, signals = [] as readonly NodeJS.Signals[] } = {},
): Promise<Ending> {
  const child = spawn(process.execPath, [program, scene, endpoint], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    const wasReady = text.includes("ready\n");
    text += chunk;
    if (!wasReady && text.includes("ready\n")) for (const signal of signals) child.kill(signal);
  });
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { code, signal, said: text.split("\n").filter((line) => line !== "") };
}

const arrived = () => receiver.spans.map(({ name }) => name);

describe("a process that ends", () => {
  it("by itself sends its last spans", async () => {
    expect(await run("ends")).toEqual({ code: 0, signal: null, said: [] });
    expect(arrived()).toEqual(["last"]);
  });

  it("keeps its exit code", async () => {
    expect(await run("endsWithCode")).toEqual({ code: 3, signal: null, said: [] });
    expect(arrived()).toEqual(["last"]);
  });

  it.each(["SIGTERM", "SIGINT"] as const)("by %s sends its last spans and ends by that signal", async (signal) => {
    expect(await run("listens", { signals: [signal] })).toEqual({ code: null, signal, said: ["ready"] });
    expect(arrived()).toEqual(["last"]);
  });

  it("ends as its own handler of a signal wants", async () => {
    const ending = await run("closesDown", { signals: ["SIGTERM"] });
    expect(ending).toEqual({ code: 0, signal: null, said: ["ready", "closing", "closed"] });
    expect(arrived()).toEqual(["last"]);
  });

  it("ends beside tools that end it themselves, too", async () => {
    const ending = await run("hasTools", { signals: ["SIGTERM"] });
    expect(ending).toEqual({ code: null, signal: "SIGTERM", said: ["ready", "cleaned up"] });
    expect(arrived()).toEqual(["last"]);
  });

  it("has one handler of each signal where it was set up twice", async () => {
    const ending = await run("twice", { signals: ["SIGTERM"] });
    expect(ending).toEqual({ code: null, signal: "SIGTERM", said: ["node.registered_twice", "1 1 1", "ready"] });
    expect(arrived()).toEqual(["last"]);
  });
});

describe("with an endpoint that takes a connection and never answers", () => {
  let hole: Server;
  let endpoint: string;

  beforeEach(async () => {
    hole = createServer();
    hole.listen(0, "127.0.0.1");
    await once(hole, "listening");
    const address = hole.address();
    endpoint = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  });

  afterEach(() => hole.close());

  // The exporter would wait for 30 s, longer than a test may take.
  it("ends by itself, with its exit code", async () => {
    expect(await run("endsWithCode", { endpoint })).toEqual({ code: 3, signal: null, said: [] });
  });

  it("ends by the signal", async () => {
    const ending = await run("listens", { endpoint, signals: ["SIGTERM"] });
    expect(ending).toEqual({ code: null, signal: "SIGTERM", said: ["ready"] });
  });

  it("ends at once by a second signal", async () => {
    const ending = await run("listens", { endpoint, signals: ["SIGINT", "SIGINT"] });
    expect(ending).toEqual({ code: null, signal: "SIGINT", said: ["ready"] });
  });
});

describe("with an endpoint where nobody listens", () => {
  const endpoint = "http://127.0.0.1:9";

  it("ends by itself, with its exit code", async () => {
    expect(await run("endsWithCode", { endpoint })).toEqual({ code: 3, signal: null, said: [] });
  });

  it("ends by the signal", async () => {
    const ending = await run("listens", { endpoint, signals: ["SIGTERM"] });
    expect(ending).toEqual({ code: null, signal: "SIGTERM", said: ["ready"] });
  });
});
