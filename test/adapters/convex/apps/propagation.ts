/** Apps of the tests of carriers: who schedules and calls whom, and how. */
import { createFunctionHandle } from "convex/server";
import { untraced } from "../../../../src/adapters/convex/server/index.js";
import { injectCarrier, injectHeaders, suppressTracing } from "../../../../src/index.js";
import { ownApp } from "./app.js";
import { ownMutation, plain, target } from "./functions.js";
import { tell } from "./tell.js";

export const runsAt = ownApp(({ mutation }) => ({
  run: mutation(async (ctx) => {
    await ctx.scheduler.runAt(new Date(), target);
    await ctx.scheduler.runAt(Date.now(), target, { n: 1 });
    await ctx.scheduler.runAfter(0, target);
  }),
}));

export const cancels = ownApp(({ mutation }) => ({
  run: mutation(async (ctx) => {
    const id = await ctx.scheduler.runAfter(50, target, { n: 1 });
    await ctx.scheduler.cancel(id);
  }),
}));

export const schedulesWrongly = ownApp(({ action }) => ({
  act: action(async (ctx) => {
    const thrown = await ctx.scheduler.runAfter(-1, target).catch((error: unknown) => error);
    return String(thrown);
  }),
}));

export const callsPlain = ownApp(({ mutation }) => ({
  run: mutation(async (ctx) => {
    await ctx.runMutation(plain, { n: 1 });
    await ctx.scheduler.runAfter(0, plain, { n: 2 });
  }),
}));

export const schedulesHandle = ownApp(({ mutation }) => ({
  run: mutation(async (ctx) => {
    const handle = await createFunctionHandle(plain);
    await ctx.scheduler.runAfter(0, handle, { n: 3 });
  }),
}));

export const schedulesUntraced = ownApp(({ mutation }) => ({
  run: mutation(async (ctx) => {
    await untraced(ctx).scheduler.runAfter(0, target, { n: 1 });
    await suppressTracing(() => ctx.scheduler.runAfter(0, target, { n: 2 }));
  }),
}));

export const passesNoObject = ownApp(({ mutation }) => ({
  run: mutation(async (ctx) => {
    await ctx.runMutation(target, [1] as never);
  }),
}));

export const forwardsOptions = ownApp(({ mutation }) => ({
  run: mutation(async (ctx) => {
    await ctx.db.insert("tasks", { status: "a", rank: 1 });
    const limits = { transactionLimits: { documentsWritten: 0 } };
    tell("limited", await ctx.runMutation(ownMutation("write"), {}, limits).catch(String));
    await ctx.runMutation(target, { n: 1 }, { transactionLimits: {} });
  }),
  write: mutation(async (ctx) => void (await ctx.db.insert("tasks", { status: "b", rank: 1 }))),
}));

export const tellsContext = ownApp(({ mutation }) => ({
  run: mutation(async () => {
    tell("carried", injectCarrier());
    tell("carried", injectHeaders({}));
  }),
}));
