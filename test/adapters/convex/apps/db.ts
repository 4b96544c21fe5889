/** Apps whose mutation `run` does things to its database. */
import type { GenericMutationCtx } from "convex/server";
import { ownApp } from "./app.js";
import type { DataModel } from "./schema.js";
import { tell } from "./tell.js";

/** What the handler returns is told: it may be no value of Convex. */
function dbApp(handler: (ctx: GenericMutationCtx<DataModel>) => Promise<unknown>) {
  return ownApp(({ mutation }) => ({
    run: mutation({ args: {}, handler: async (ctx) => tell("result", await handler(ctx)) }),
  }));
}

export const documents = dbApp(async ({ db }) => {
  const id = await db.insert("tasks", { status: "s3cr3t", rank: 1 });
  await db.get(id);
  await db.get("tasks", id);
  await db.patch(id, { rank: 2 });
  await db.patch("tasks", id, { rank: 3 });
  await db.replace(id, { status: "s3cr3t", rank: 4 });
  await db.system.get("_storage", "none" as never).catch(() => null);
  const isNormalized = db.normalizeId("tasks", id) === id;
  await db.delete(id);
  return { isNormalized, deleted: await db.get(id) };
});

export const queries = dbApp(async ({ db }) => {
  for (let rank = 0; rank < 3; rank++) await db.insert("tasks", { status: "s3cr3t", rank });
  const tasks = () => db.query("tasks");
  await tasks().collect();
  await tasks().take(2);
  await tasks().first();
  await tasks().order("desc").first();
  await tasks()
    .filter((q) => q.eq(q.field("status"), "s3cr3t"))
    .take(1);
  await tasks().withIndex("by_status_rank").collect();
  await tasks()
    .withIndex("by_status_rank", (q) => q.eq("status", "s3cr3t").gte("rank", 1).lt("rank", 9))
    .collect();
  await tasks()
    .withIndex("by_status_rank", (q) => q.eq("status", "s3cr3t").eq("rank", 1))
    .unique();
  const { page, isDone } = await tasks()
    .withIndex("by_status_rank", (q) => q.eq("status", "s3cr3t"))
    .paginate({ numItems: 2, cursor: null });
  return [page.length, isDone];
});

export const iteration = dbApp(async ({ db }) => {
  for (let rank = 0; rank < 3; rank++) await db.insert("tasks", { status: "a", rank });
  const ranks: number[] = [];
  for await (const { rank } of db.query("tasks")) ranks.push(rank);
  for await (const { rank } of db.query("tasks").withIndex("by_status_rank", (q) => q.eq("status", "a"))) {
    ranks.push(rank);
    if (ranks.length === 4) break;
  }
  return ranks;
});

export const errors = dbApp(async ({ db }) => {
  await db.insert("tasks", { status: "a", rank: 1 });
  await db.insert("tasks", { status: "a", rank: 1 });
  const queried = await db.query("tasks").unique().catch(String);
  const inserted = await db.insert("tasks", { status: 1 } as never).catch(String);
  return [queried, inserted];
});

export const unknownMembers = dbApp(async ({ db }) => {
  const later = Object.assign(db, { later: (n: number) => n + 1 });
  return [later.later(1), Object.keys(db).includes("insert")];
});
