/**
 * Sends what waits, batch by batch. An action runs at most once and may die at any point: so it decides nothing by itself. What
 * it claimed and never settled is sent again by the drain that the watchdog, or the next caller, starts when the lease is over.
 */
import { v } from "convex/values";
import { internal } from "./_generated/api.js";
import { type ActionCtx, internalAction } from "./_generated/server.js";
import { exportSettings } from "./exportSettings.js";
import { RUN_MS } from "./limits.js";
import type { Batch } from "./nextBatch.js";
import { type Report, sendBatch } from "./sendBatch.js";
import { tellDrops } from "./tellDrops.js";

export const drain = internalAction({
  args: { generation: v.number() },
  returns: v.null(),
  handler: async (ctx, { generation }) => {
    const end = Date.now() + RUN_MS;
    let batch = await ctx.runMutation(internal.claim.claim, { generation });
    if (batch === null) return null;
    const settings = exportSettings();
    while (batch !== null) {
      const report = await send(ctx, batch, settings);
      batch = await settle(ctx, generation, report, Date.now() < end);
    }
    return null;
  },
});

/** Sends a batch, and what there is to say about drops, once the backend has shown that it is there. */
async function send(ctx: ActionCtx, batch: Batch, settings: ReturnType<typeof exportSettings>): Promise<Report> {
  if ("problem" in settings) {
    return { done: [], delivered: 0, rejected: 0, failure: { message: settings.problem, mayHaveArrived: 0 } };
  }
  const report = await sendBatch(batch, settings);
  if (batch.drops === undefined || report.failure !== undefined) return report;
  const told = await tellDrops(ctx, batch.drops, settings);
  return told === undefined ? report : { ...report, told };
}

async function settle(ctx: ActionCtx, generation: number, report: Report, goOn: boolean): Promise<Batch | null> {
  return ctx.runMutation(internal.settle.settle, { generation, report, goOn });
}
