/** Custom functions of convex-helpers with zod. In a file of their own: bundling zod takes its time. */
import { zCustomMutation } from "convex-helpers/server/zod4";
import { z } from "zod";
import { ownApp } from "./app.js";
import { ownMutation } from "./functions.js";
import { tell } from "./tell.js";

export const withZod = ownApp((otel) => {
  const zMutation = zCustomMutation(otel.internalMutation, {
    args: {},
    input: async () => ({ ctx: { extra: 1 }, args: {} }),
  });
  return {
    zod: zMutation({ args: { email: z.email() }, handler: async (ctx, args) => tell("seen", [ctx.extra, args]) }),
    run: otel.mutation(async (ctx) => {
      await ctx.scheduler.runAfter(0, ownMutation("zod"), { email: "a@example.com" });
    }),
  };
});
