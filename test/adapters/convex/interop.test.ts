import { expect, it } from "vitest";
import { context, trace } from "@opentelemetry/api";
import { generateText } from "ai";
import { MockLanguageModelV2 } from "ai/test";
import { makeFunctionReference } from "convex/server";
import { withSpan } from "../../../src/index.js";
import { spanTree } from "../../../src/testing/index.js";
import { ownApp } from "./ownApp.js";

it("smoke", async () => {
  const { t, exporter } = ownApp((otel) => ({
    ask: otel.action(async () => {
      const model = new MockLanguageModelV2({
        doGenerate: async () => ({
          finishReason: "stop" as const,
          usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
          content: [{ type: "text" as const, text: "Hello" }],
          warnings: [],
        }),
      });
      await withSpan("mine", () => generateText({ model, prompt: "hi", experimental_telemetry: { isEnabled: true } }));
      trace.getTracer("x", "1").startActiveSpan("root", (s) => { withSpan("in", () => {}); s.end(); });
      return context.active() !== undefined;
    }),
  }));
  await t.action(makeFunctionReference<"action">("own:ask"), {});
  console.log(spanTree(exporter.spans));
  console.log(JSON.stringify(exporter.spans, null, 1));
  expect(1).toBe(1);
});
