/** Libraries that trace through `@opentelemetry/api`, bundled as Convex does and run under its rules. */
import { mkdtempSync, rmSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { makeFunctionReference } from "convex/server";
import type { Plugin } from "esbuild";
import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { bundleConvex, type ConvexBundle } from "../../../src/testing/convexBundle.js";
import { type OtlpReceiver, startOtlpReceiver } from "../../../src/testing/otlpReceiver.js";
import { spanTree } from "../../../src/testing/spanTree.js";
import { strictConvex } from "../../../src/testing/strict/index.js";
import { buildLazy } from "../../../tools/buildLazy.js";
import { type Backend, fixture } from "./rules.js";

const root = resolve(import.meta.dirname, "../../..");

let bundle: ConvexBundle;
let receiver: OtlpReceiver;
let backend: Backend;

beforeAll(async () => {
  bundle = await bundleConvex(fixture("interop"));
});

beforeEach(async () => {
  receiver = await startOtlpReceiver();
});

afterEach(async () => {
  await backend.close();
  await receiver.close();
});

async function start(variables: Record<string, string> = {}, asyncLocalStorage = true): Promise<void> {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...variables };
  backend = await strictConvex({ bundle, env, backend: { asyncLocalStorage } });
}

const action = (name: string): Promise<unknown> => backend.t.action(makeFunctionReference<"action">(`ask:${name}`), {});

/** Waits for the jobs that deliver spans. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20));
  await backend.t.finishInProgressScheduledFunctions();
}

const CONTENT = /What is the weather|forecaster|Sunny|"city"|sunny/;

describe("the AI SDK in an action", () => {
  it("joins the trace: the answer, its steps, the tool, and what the tool does", async () => {
    await start();
    expect(await action("text")).toBe("Sunny in Oslo");
    const attributes = ["gen_ai.request.model", "ai.toolCall.name", "ai.response.finishReason"];
    expect(`\n${spanTree(receiver.spans, { attributes })}\n`).toBe(`
ask:text [server]
└─ ai.generateText {ai.response.finishReason=stop}
   ├─ ai.generateText.doGenerate {gen_ai.request.model=mock-model-id ai.response.finishReason=tool-calls}
   ├─ ai.toolCall {ai.toolCall.name=weather}
   │  └─ look up Oslo
   └─ ai.generateText.doGenerate {gen_ai.request.model=mock-model-id ai.response.finishReason=stop}
`);
  });

  it("joins with a stream", async () => {
    await start();
    expect(await action("stream")).toBe("Sunny in Oslo");
    expect(`\n${spanTree(receiver.spans, { events: true })}\n`).toBe(`
ask:stream [server]
└─ ai.streamText
   └─ ai.streamText.doStream
        * ai.stream.firstChunk
        * ai.stream.finish
`);
  });

  it("joins with what fails, and the error stays the program's own", async () => {
    await start();
    await expect(action("fails")).rejects.toThrow(/^overloaded$/);
    expect(`\n${spanTree(receiver.spans, { events: true })}\n`).toBe(`
ask:fails [server]
│ ! error: Error
│ * exception
└─ ai.generateText
   │ ! error: overloaded
   │ * exception
   └─ ai.generateText.doGenerate
        ! error: overloaded
        * exception
`);
  });

  it("keeps parallel questions apart", async () => {
    await start();
    await action("parallel");
    const question = (name: string, line: string) =>
      [
        name,
        `${line}  └─ ai.generateText`,
        `${line}     ├─ ai.generateText.doGenerate`,
        `${line}     ├─ ai.toolCall`,
        `${line}     │  └─ look up Oslo`,
        `${line}     └─ ai.generateText.doGenerate`,
      ].join("\n");
    expect(spanTree(receiver.spans)).toBe(
      `ask:parallel [server]\n├─ ${question("first", "│")}\n└─ ${question("second", " ")}`,
    );
  });

  it("joins in an HTTP action", async () => {
    await start();
    const response = await backend.t.fetch("/ask", { method: "POST" });
    expect(await response.text()).toBe("Sunny in Oslo");
    await settle();
    expect(`\n${spanTree(receiver.spans)}\n`).toBe(`
POST /ask [server]
└─ ai.generateText
   ├─ ai.generateText.doGenerate
   ├─ ai.toolCall
   │  └─ look up Oslo
   └─ ai.generateText.doGenerate
`);
  });

  it("joins in an HTTP action whose answer is a stream, to its last word", async () => {
    await start();
    const response = await backend.t.fetch("/stream", { method: "POST" });
    expect(await response.text()).toBe("Sunny in Oslo");
    await settle();
    expect(
      `\n${spanTree(receiver.spans, { attributes: ["convex.telemetry.unfinished", "gen_ai.usage.output_tokens"] })}\n`,
    ).toBe(`
POST /stream [server]
└─ ai.streamText
   └─ ai.streamText.doStream {gen_ai.usage.output_tokens=5}
`);
  });

  it("joins with the build that is shipped for Convex", async () => {
    const shipped = mkdtempSync(join(root, "node_modules/.convex-otel-"));
    onTestFinished(() => rmSync(shipped, { recursive: true, force: true }));
    await buildLazy(shipped);
    const files: Record<string, string> = { "/src/index.js": "index.js", "/convex/server/index.js": "convex.js" };
    const asShipped: Plugin = {
      name: "as-shipped",
      setup: (setup) =>
        setup.onResolve({ filter: /\/(src|convex\/server)\/index\.js$/ }, ({ path }) => {
          const file = Object.entries(files).find(([end]) => path.endsWith(end))?.[1];
          return file === undefined ? undefined : { path: join(shipped, file) };
        }),
    };
    const app = await bundleConvex(fixture("interop"), { plugins: [asShipped] });
    expect([...app.files.values()].join("")).toContain(`${basename(shipped)}/otelApi.js`);
    backend = await strictConvex({ bundle: app, env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } });
    expect([await action("text"), await action("inAction")]).toEqual(["Sunny in Oslo", [true, false, false]]);
    expect(spanTree(receiver.spans)).toContain(`
└─ ai.generateText
   ├─ ai.generateText.doGenerate
   ├─ ai.toolCall
   │  └─ look up Oslo
   └─ ai.generateText.doGenerate
`);
  });

  it("hangs on the function's span where there is no AsyncLocalStorage", async () => {
    await start({}, false);
    expect(await action("text")).toBe("Sunny in Oslo");
    const parents = receiver.spans.map(({ parentSpanId }) => parentSpanId);
    expect(receiver.spans.map(({ name }) => name).sort()).toEqual([
      "ai.generateText",
      "ai.generateText.doGenerate",
      "ai.generateText.doGenerate",
      "ai.toolCall",
      "ask:text",
      "look up Oslo",
    ]);
    expect(new Set(parents)).toEqual(new Set([undefined, receiver.spans[0]?.spanId]));
  });
});

describe("what a model is told and says", () => {
  it("does not leave, not even in the errors that quote it", async () => {
    await start();
    await action("text");
    await action("stream");
    await expect(action("noJson")).rejects.toThrow("could not parse");
    expect(receiver.spans.length).toBeGreaterThan(8);
    expect(JSON.stringify(receiver.spans)).not.toMatch(CONTENT);
    expect(JSON.stringify(receiver.spans)).not.toMatch(/4242|Which city/);
    const [model] = receiver.spans.filter(({ name }) => name === "ai.generateText.doGenerate");
    expect(model?.attributes).toMatchObject({
      "ai.telemetry.functionId": "forecast",
      "ai.telemetry.metadata.plan": "free",
      "gen_ai.usage.input_tokens": 3,
      "gen_ai.usage.output_tokens": 5,
    });
  });

  it("leaves where the environment says so", async () => {
    await start({ OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: "true" });
    await action("text");
    const [call] = receiver.spans.filter(({ name }) => name === "ai.toolCall");
    expect(call?.attributes).toMatchObject({ "ai.toolCall.args": '{"city":"Oslo"}', "ai.toolCall.result": '"sunny"' });
  });
});

describe("code that uses the API itself", () => {
  it("joins in actions, and nothing else sees it", async () => {
    await start();
    expect(await action("inAction")).toEqual([true, false, false]);
    await settle();
    expect(`\n${spanTree(receiver.spans)}\n`).toBe(`
ask:inAction [server]
├─ theirs
│  └─ ours
├─ here
├─ ask:inMutation [client]
│  └─ ask:inMutation [server]
└─ ask:inQuery [client]
`);
    const scopes = Object.fromEntries(receiver.spans.map(({ name, scope }) => [name, scope]));
    expect(scopes["theirs"]).toEqual({ name: "app", version: "1.2.3", schemaUrl: "https://example.com/schema" });
    expect(scopes["here"]).toEqual({ name: "app" });
    expect(scopes["ours"]).toMatchObject({ name: "convex-otel" });
  });

  it("joins although the app registered a provider: in this runtime the recorder wins", async () => {
    await start();
    expect(await backend.t.action(makeFunctionReference<"action">("registers:run"), {})).toEqual([true, true]);
    expect(spanTree(receiver.spans)).toBe("registers:run [server]\n└─ theirs");
  });

  it("lets an action run where the place of the API cannot be taken", async () => {
    await start();
    expect(await backend.t.action(makeFunctionReference<"action">("locked:run"), {})).toBe("ran");
    expect(spanTree(receiver.spans)).toBe("locked:run [server]");
  });

  it("reads no clock, random number or environment in a query", async () => {
    await start();
    await backend.t.query(makeFunctionReference<"query">("ask:inQuery"), {});
    const [call] = backend.callsOf("ask:inQuery");
    expect(call).toMatchObject({ clockReads: 0, randomDraws: 0, envReads: [], console: [] });
  });
});
