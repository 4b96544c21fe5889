/** What cannot be delivered goes, oldest first, by age and by bytes; every drop is counted. One step a transaction. */
import { countSpans } from "../otlp/split.js";
import { utf8Length } from "../otlp/text.js";
import { internal } from "./_generated/api.js";
import type { Doc } from "./_generated/dataModel.js";
import type { MutationCtx } from "./_generated/server.js";
import { LATE_MS, STEP_BYTES, STEP_TEXTS } from "./limits.js";
import type { RunnerFields } from "./runner.js";
import { maxAgeMs, maxPendingBytes } from "./settings.js";

/** A step's result, and what there is more of to do. */
export interface Retained {
  readonly fields: RunnerFields;
  readonly more: "nothing" | "measuring" | "dropping";
}

/** Drops what is too old and what is too much. */
export async function retain(ctx: MutationCtx, fields: RunnerFields): Promise<Retained> {
  const byAge = await dropOld(ctx, fields);
  if (byAge.more !== "nothing") return byAge;
  const measured = await measureBacklog(ctx, byAge.fields);
  const byBytes = await dropExcess(ctx, measured.fields);
  return byBytes.more === "nothing" ? { ...byBytes, more: measured.more } : byBytes;
}

/** The range read ends before the newest texts, where callers insert. */
async function dropOld(ctx: MutationCtx, fields: RunnerFields): Promise<Retained> {
  const cutoff = Date.now() - maxAgeMs();
  await dropOldFailed(ctx, cutoff);
  const old = ctx.db.query("texts").withIndex("by_creation_time", (q) => q.lt("_creationTime", cutoff));
  return drop(ctx, fields, "age", old, () => true);
}

/** Set aside is not kept for ever. These were counted as refused when they were set aside. */
async function dropOldFailed(ctx: MutationCtx, cutoff: number): Promise<void> {
  const old = ctx.db.query("failed").withIndex("by_creation_time", (q) => q.lt("_creationTime", cutoff));
  for (const { _id } of await old.take(STEP_TEXTS / 10)) await ctx.db.delete("failed", _id);
}

/** Only a backlog is measured: what leaves within a minute is read once, by the drain. */
async function measureBacklog(ctx: MutationCtx, fields: RunnerFields): Promise<Retained> {
  const cutoff = Date.now() - LATE_MS;
  const old = await ctx.db
    .query("texts")
    .withIndex("by_creation_time", (q) => q.lt("_creationTime", cutoff))
    .first();
  if (old === null) return { fields, more: "nothing" };
  const { measured } = fields;
  const args = { after: measured.upTo };
  const more = await ctx.runQuery(internal.measure.measure, args, { useStaleSnapshot: true });
  const { upTo, isMore } = more;
  const sum = { upTo, texts: measured.texts + more.texts, bytes: measured.bytes + more.bytes };
  return { fields: { ...fields, measured: sum }, more: isMore ? "measuring" : "nothing" };
}

async function dropExcess(ctx: MutationCtx, fields: RunnerFields): Promise<Retained> {
  const limit = maxPendingBytes();
  if (fields.measured.bytes <= limit) return { fields, more: "nothing" };
  const { upTo } = fields.measured;
  const oldest = ctx.db.query("texts").withIndex("by_creation_time", (q) => q.lte("_creationTime", upTo));
  return drop(ctx, fields, "bytes", oldest, (now) => now.measured.bytes > limit);
}

/** Deletes texts while `goesOn` says so and the transaction has room. */
async function drop(
  ctx: MutationCtx,
  before: RunnerFields,
  reason: "age" | "bytes",
  texts: AsyncIterable<Doc<"texts">>,
  goesOn: (fields: RunnerFields) => boolean,
): Promise<Retained> {
  let fields = before;
  let [count, bytes] = [0, 0];
  for await (const { _id, _creationTime, text } of texts) {
    if (!goesOn(fields)) break;
    if (count === STEP_TEXTS || bytes > STEP_BYTES) return { fields, more: "dropping" };
    await ctx.db.delete("texts", _id);
    const size = utf8Length(text);
    count += 1;
    bytes += size;
    const { dropped, measured } = fields;
    const wasMeasured = _creationTime <= measured.upTo;
    fields = {
      ...fields,
      dropped: { ...dropped, [reason]: dropped[reason] + countSpans(text) },
      measured: wasMeasured
        ? { ...measured, texts: Math.max(0, measured.texts - 1), bytes: Math.max(0, measured.bytes - size) }
        : measured,
    };
  }
  return { fields, more: "nothing" };
}
