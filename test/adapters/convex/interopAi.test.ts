/** The AI SDK in actions of convex-test: one process, many calls at once. */
import { generateText, streamText } from "ai";
import { makeFunctionReference } from "convex/server";
import { describe, expect, it } from "vitest";
import { withSpan } from "../../../src/index.js";
import type { InstrumentConvexOptions } from "../../../src/adapters/convex/server/index.js";
import { spanTree } from "../../../src/testing/index.js";
import { weatherModel, weatherQuestion } from "../../testing/strict/fixtures/interop/convex/models.js";
import { ownApp } from "./ownApp.js";

function aiApp(lookUp: (city: string) => string | Promise<string>, options: InstrumentConvexOptions = {}) {
  const app = ownApp(
    (otel) => ({
      ask: otel.action({
        handler: async (_ctx, { failure }: { failure?: string }) => {
          const model = weatherModel(failure === undefined ? undefined : new Error(failure));
          return (await generateText({ model, ...weatherQuestion(lookUp) })).text;
        },
      }),
      stream: otel.action({
        handler: async () => {
          const { textStream } = streamText({ model: weatherModel(), ...weatherQuestion(lookUp) });
          let text = "";
          for await (const delta of textStream) text += delta;
          return text;
        },
      }),
    }),
    options,
  );
  const call = (name: string, args = {}) => app.t.action(makeFunctionReference<"action">(`own:${name}`), args);
  return { ...app, call };
}

const ANSWER = `own:ask [server]
└─ ai.generateText
   ├─ ai.generateText.doGenerate
   ├─ ai.toolCall
   │  └─ look up Oslo
   └─ ai.generateText.doGenerate`;

const lookUp = (city: string) => withSpan(`look up ${city}`, async () => Promise.resolve("sunny"));

describe("the AI SDK in convex-test", () => {
  it("joins the trace of its action", async () => {
    const { call, exporter } = aiApp(lookUp);
    expect(await call("ask")).toBe("Sunny in Oslo");
    expect(spanTree(exporter.spans)).toBe(ANSWER);
    expect(JSON.stringify(exporter.spans)).not.toMatch(/forecaster|Sunny|"city"|sunny/);
    const scopes = new Map(exporter.spans.map(({ name, scope }) => [name, scope.name]));
    expect([scopes.get("own:ask"), scopes.get("look up Oslo"), scopes.get("ai.generateText")]).toEqual([
      "convex-otel",
      "convex-otel",
      "ai",
    ]);
  });

  it("joins with a stream", async () => {
    const { call, exporter } = aiApp(lookUp);
    expect(await call("stream")).toBe("Sunny in Oslo");
    expect(spanTree(exporter.spans)).toBe(`own:stream [server]\n└─ ai.streamText\n   └─ ai.streamText.doStream`);
  });

  it("joins with what fails", async () => {
    const { call, exporter } = aiApp(lookUp);
    await expect(call("ask", { failure: "overloaded" })).rejects.toThrow(/^overloaded$/);
    expect(spanTree(exporter.spans)).toBe(`own:ask [server]
│ ! error: Error
└─ ai.generateText
   │ ! error: overloaded
   └─ ai.generateText.doGenerate
        ! error: overloaded`);
  });

  it("two actions that wait for each other in their tools stay apart", async () => {
    const waiting: (() => void)[] = [];
    const meet = (city: string) =>
      withSpan(`look up ${city}`, async () => {
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          if (waiting.length === 2) for (const go of waiting.splice(0).reverse()) go();
        });
        return "sunny";
      });
    const { call, exporter } = aiApp(meet);
    await Promise.all([call("ask"), call("ask")]);
    expect(spanTree(exporter.spans)).toBe(`${ANSWER}\n\n${ANSWER}`);
    expect(new Set(exporter.spans.map(({ traceId }) => traceId)).size).toBe(2);
  });

  it("records nothing where nothing leaves, and answers as always", async () => {
    const { call, exporter } = aiApp(lookUp, { sampling: 0 });
    expect([await call("ask"), await call("stream"), exporter.spans]).toEqual(["Sunny in Oslo", "Sunny in Oslo", []]);
  });

  it("records what is said if the app wants it", async () => {
    const { call, exporter } = aiApp(lookUp, { aiContent: "record" });
    await call("ask");
    const [whole] = exporter.spans.filter(({ name }) => name === "ai.generateText");
    expect(whole?.attributes).toMatchObject({ "ai.response.text": "Sunny in Oslo" });
    expect(whole?.attributes["ai.prompt"]).toContain("What is the weather in Oslo");
  });
});
