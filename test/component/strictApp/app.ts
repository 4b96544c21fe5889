/** An app that is deployed to the strict runtime: it does what a traced mutation does with the outbox. */
import { componentsGeneric, internalMutationGeneric } from "convex/server";
import type { ComponentApi } from "../../../src/component/_generated/component.js";

const components = componentsGeneric() as never as { readonly otel: ComponentApi<"otel"> };

export const record = internalMutationGeneric({
  handler: async (ctx, { text }: { text: string }) => {
    await ctx.runMutation(components.otel.enqueue.enqueue, { text });
  },
});
