/** The action cache of Convex, the component itself, on convex-test. */
import { ActionCache } from "@convex-dev/action-cache";
import actionCache from "@convex-dev/action-cache/test";
import { convexTest } from "convex-test";
import { actionGeneric, componentsGeneric, defineSchema, makeFunctionReference } from "convex/server";
import { v } from "convex/values";
import { expect, it } from "vitest";
import { instrumentCache } from "../../../src/adapters/cache/index.js";
import { recordSpans, request } from "./harness.js";

const recorded = recordSpans();
const components = componentsGeneric() as unknown as { actionCache: ConstructorParameters<typeof ActionCache>[0] };

it("tells a hit from a miss by whether the action ran", async () => {
  const answer = makeFunctionReference<"action">("app:answer");
  const answers = instrumentCache(new ActionCache(components.actionCache, { action: answer }), {
    name: "answers",
    class: "aggregate",
  });
  let runs = 0;
  const app = {
    answer: actionGeneric({ args: { question: v.string() }, handler: async () => (runs += 1) }),
    ask: actionGeneric({
      args: { question: v.string() },
      handler: async (ctx, args) => (await answers.fetch(ctx, args)) as number,
    }),
    forget: actionGeneric({
      args: { question: v.string() },
      handler: async (ctx, args) => void (await answers.remove(ctx, args)),
    }),
  };
  const t = convexTest({
    schema: defineSchema({}),
    modules: { "./convex/_generated/api.js": async () => ({}), "./convex/app.ts": async () => app },
  });
  actionCache.register(t);
  const call = (name: string): Promise<unknown> =>
    request(name, () => t.action(makeFunctionReference<"action">(`app:${name}`), { question: "of ann" }));
  expect([await call("ask"), await call("ask"), await call("forget"), await call("ask")]).toEqual([1, 1, null, 2]);
  expect(recorded.tree("cache.hit", "cache.target_hit_ratio")).toMatchInlineSnapshot(`
    "ask [server] {cache.hit=false}
    └─ cache get answers {cache.hit=false cache.target_hit_ratio=0.9}

    ask [server] {cache.hit=true}
    └─ cache get answers {cache.hit=true cache.target_hit_ratio=0.9}

    forget [server]
    └─ cache delete answers

    ask [server] {cache.hit=false}
    └─ cache get answers {cache.hit=false cache.target_hit_ratio=0.9}"
  `);
  expect(JSON.stringify(recorded.spans)).not.toContain("ann");
});
