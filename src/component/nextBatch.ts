/** The next batch for the drain that holds the lease: nothing is written for each text, for nobody else may drain. */
import { type Infer, v } from "convex/values";
import { withReport } from "./dropReport.js";
import { internal } from "./_generated/api.js";
import type { Id } from "./_generated/dataModel.js";
import type { MutationCtx } from "./_generated/server.js";
import type { vHead } from "./head.js";
import { LATE_MS, LEASE_MS } from "./limits.js";
import type { RunnerFields } from "./runner.js";
import { vDropReport } from "./schema.js";

/** What a drain is given to send. */
export const vBatch = v.object({
  texts: v.array(v.object({ id: v.id("texts"), text: v.string(), isResent: v.boolean() })),
  /** What to say about drops, after the texts. */
  drops: v.optional(vDropReport),
});

export type Batch = Infer<typeof vBatch>;

/** The oldest texts without those that this mutation has deleted. */
export async function oldest(
  ctx: MutationCtx,
  { mark }: RunnerFields,
  except: readonly Id<"texts">[],
): Promise<Infer<typeof vHead>> {
  const args = { from: Math.max(0, mark - LATE_MS), except: [...except] };
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
      texts: texts.map(({ id, text, createdAt }) => ({ id, text, isResent: createdAt <= fields.resendUpTo })),
      ...(report === undefined ? {} : { drops: report }),
    },
  };
}
