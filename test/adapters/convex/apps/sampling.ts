/** Apps of the tests of sampling and trust. */
import { ownApp } from "./app.js";
import { ownMutation } from "./functions.js";

export const schedulesPublic = ownApp((otel) => ({
  open: otel.mutation({ args: {}, handler: async () => null }),
  run: otel.mutation(async (ctx) => void (await ctx.scheduler.runAfter(0, ownMutation("open"), {}))),
}));
