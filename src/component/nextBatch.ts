/** The next batch for the drain that holds the lease: nothing is written for each text, for nobody else may drain. */
import { type Infer, v } from "convex/values";
import { withReport } from "./dropReport.js";
import { internal } from "./_generated/api.js";
import type { MutationCtx } from "./_generated/server.js";
import type { Spell, vHead } from "./head.js";
import { LATE_MS, LEASE_MS } from "./limits.js";
import type { RunnerFields } from "./runner.js";
import { vDropReport } from "./schema.js";

/** What a drain is given to send. */
export const vBatch = v.object({
  texts: v.array(v.object({ id: v.id("texts"), text: v.string(), createdAt: v.number(), isResent: v.boolean() })),
  /** What to say about drops, after the texts. */
  drops: v.optional(vDropReport),
});

export type Batch = Infer<typeof vBatch>;

/**
 * The oldest texts. A spell of which this mutation has deleted what it knew of is left out: it would be read for nothing. What was
 * committed late and lies in it is found by the next scan, for which the mark has to stay before it.
 */
export async function oldest(
  ctx: MutationCtx,
  { mark }: RunnerFields,
  except: Spell | undefined,
): Promise<Infer<typeof vHead>> {
  const args = { from: Math.max(0, mark - LATE_MS), ...(except === undefined ? {} : { except }) };
  return ctx.runQuery(internal.head.head, args, { useStaleSnapshot: true });
}

/** Gives a batch out: renews the lease, and notes what is in flight, should nothing be heard of it again. */
export function giveOut(
  fields: RunnerFields,
  { texts, spans }: Infer<typeof vHead>,
): { readonly fields: RunnerFields; readonly batch: Batch } {
  const upTo = texts.at(-1)?.createdAt ?? 0;
  const { told } = withReport(fields);
  const { report } = told;
  return {
    fields: {
      ...fields,
      status: "running",
      until: Date.now() + LEASE_MS,
      inFlight: { spans: spans + (report === undefined ? 0 : 1), upTo },
      told,
    },
    batch: {
      texts: texts.map((text) => ({ ...text, isResent: text.createdAt <= fields.resendUpTo })),
      ...(report === undefined ? {} : { drops: report }),
    },
  };
}
