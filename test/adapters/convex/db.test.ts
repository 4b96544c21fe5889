/** Database operations of mutations: one span each, with the shape of the query and nothing of its values. */
import { describe, expect, it } from "vitest";
import { conditionsOf, fingerprintOf, scansTable, tableShape } from "../../../src/adapters/convex/server/queryShape.js";
import { instrumentConvex } from "../../../src/adapters/convex/server/index.js";
import { memoryExporter, spanTree } from "../../../src/testing/index.js";
import { convexTest } from "convex-test";
import { type DataModelFromSchemaDefinition, type GenericMutationCtx, makeFunctionReference } from "convex/server";
import { schema, stock } from "./app.js";

const ATTRIBUTES = [
  "db.operation.name",
  "convex.db.index.name",
  "convex.db.query.fingerprint",
  "convex.db.query.scan",
  "db.response.returned_rows",
];

/** Runs a handler as a traced mutation and returns its spans as text. */
async function traceOf(handler: Parameters<typeof register>[0]): Promise<string> {
  const exporter = memoryExporter();
  const { otel, fns } = register(handler, exporter);
  const t = convexTest(schema, {
    "./convex/_generated/api.js": async () => ({}),
    "./convex/otel.ts": async () => otel,
    "./convex/fns.ts": async () => fns,
  });
  await t.mutation(makeFunctionReference<"mutation">("fns:run"), {});
  await new Promise((resolve) => setTimeout(resolve, 5));
  await t.finishInProgressScheduledFunctions();
  expect(JSON.stringify(exporter.spans)).not.toContain("s3cr3t");
  return spanTree(exporter.spans, { attributes: ATTRIBUTES }).replace("fns:run [server]", "run");
}

function register(
  handler: (ctx: GenericMutationCtx<DataModelFromSchemaDefinition<typeof schema>>) => unknown,
  exporter: ReturnType<typeof memoryExporter>,
) {
  const { mutation, deliver } = instrumentConvex(stock, { exporter });
  return { otel: { deliver }, fns: { run: mutation({ args: {}, handler: async (ctx) => void (await handler(ctx)) }) } };
}

describe("ctx.db", () => {
  it("reads and writes of documents, with and without their table", async () => {
    const tree = await traceOf(async ({ db }) => {
      const id = await db.insert("tasks", { status: "s3cr3t", rank: 1 });
      await db.get(id);
      await db.get("tasks", id);
      await db.patch(id, { rank: 2 });
      await db.patch("tasks", id, { rank: 3 });
      await db.replace(id, { status: "s3cr3t", rank: 4 });
      await db.system.get("_storage", "none" as never).catch(() => null);
      expect(db.normalizeId("tasks", id)).toBe(id);
      await db.delete(id);
      expect(await db.get(id)).toBeNull();
    });
    expect(tree).toMatchInlineSnapshot(`
      "run
      ├─ insert tasks [client] {db.operation.name=insert}
      ├─ get [client] {db.operation.name=get db.response.returned_rows=1}
      ├─ get tasks [client] {db.operation.name=get db.response.returned_rows=1}
      ├─ patch [client] {db.operation.name=patch}
      ├─ patch tasks [client] {db.operation.name=patch}
      ├─ replace [client] {db.operation.name=replace}
      ├─ get _storage [client] {db.operation.name=get}
      │    ! error: Error
      ├─ delete [client] {db.operation.name=delete}
      └─ get [client] {db.operation.name=get db.response.returned_rows=0}"
    `);
  });

  it("queries in every form", async () => {
    const tree = await traceOf(async ({ db }) => {
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
      await tasks()
        .withIndex("by_status_rank", (q) => q.eq("status", "s3cr3t"))
        .paginate({ numItems: 2, cursor: null });
    });
    expect(tree).toMatchInlineSnapshot(`
      "run
      ├─ insert tasks [client] {db.operation.name=insert}
      ├─ insert tasks [client] {db.operation.name=insert}
      ├─ insert tasks [client] {db.operation.name=insert}
      ├─ query tasks [client] {db.operation.name=query convex.db.query.fingerprint=tasks convex.db.query.scan=full_table db.response.returned_rows=3}
      ├─ query tasks [client] {db.operation.name=query convex.db.query.fingerprint=tasks db.response.returned_rows=2}
      ├─ query tasks [client] {db.operation.name=query convex.db.query.fingerprint=tasks db.response.returned_rows=1}
      ├─ query tasks [client] {db.operation.name=query convex.db.query.fingerprint="tasks.order(desc)" db.response.returned_rows=1}
      ├─ query tasks [client] {db.operation.name=query convex.db.query.fingerprint=tasks.filter convex.db.query.scan=full_table db.response.returned_rows=1}
      ├─ query tasks [client] {db.operation.name=query convex.db.index.name=by_status_rank convex.db.query.fingerprint="tasks.withIndex(by_status_rank)" convex.db.query.scan=full_table db.response.returned_rows=3}
      ├─ query tasks [client] {db.operation.name=query convex.db.index.name=by_status_rank convex.db.query.fingerprint="tasks.withIndex(by_status_rank: status=?, rank>=?, rank<?)" db.response.returned_rows=2}
      ├─ query tasks [client] {db.operation.name=query convex.db.index.name=by_status_rank convex.db.query.fingerprint="tasks.withIndex(by_status_rank: status=?, rank=?)" db.response.returned_rows=1}
      └─ query tasks [client] {db.operation.name=query convex.db.index.name=by_status_rank convex.db.query.fingerprint="tasks.withIndex(by_status_rank: status=?)" db.response.returned_rows=2}"
    `);
  });

  it("iteration, whole and broken off", async () => {
    const tree = await traceOf(async ({ db }) => {
      for (let rank = 0; rank < 3; rank++) await db.insert("tasks", { status: "a", rank });
      const ranks: number[] = [];
      for await (const { rank } of db.query("tasks")) ranks.push(rank);
      for await (const { rank } of db.query("tasks").withIndex("by_status_rank", (q) => q.eq("status", "a"))) {
        ranks.push(rank);
        if (ranks.length === 4) break;
      }
      expect(ranks).toEqual([0, 1, 2, 0]);
    });
    expect(tree).toMatchInlineSnapshot(`
      "run
      ├─ insert tasks [client] {db.operation.name=insert}
      ├─ insert tasks [client] {db.operation.name=insert}
      ├─ insert tasks [client] {db.operation.name=insert}
      ├─ query tasks [client] {db.operation.name=query convex.db.query.fingerprint=tasks db.response.returned_rows=3}
      └─ query tasks [client] {db.operation.name=query convex.db.index.name=by_status_rank convex.db.query.fingerprint="tasks.withIndex(by_status_rank: status=?)" db.response.returned_rows=1}"
    `);
  });

  it("errors stay the program's own", async () => {
    const tree = await traceOf(async ({ db }) => {
      await db.insert("tasks", { status: "a", rank: 1 });
      await db.insert("tasks", { status: "a", rank: 1 });
      const error = await db
        .query("tasks")
        .unique()
        .catch((thrown: unknown) => thrown);
      expect(String(error)).toMatch(/unique\(\) query returned more than one result/);
      await expect(db.insert("tasks", { status: 1 } as never)).rejects.toThrow(/Validator error/);
    });
    expect(tree).toMatchInlineSnapshot(`
      "run
      ├─ insert tasks [client] {db.operation.name=insert}
      ├─ insert tasks [client] {db.operation.name=insert}
      ├─ query tasks [client] {db.operation.name=query convex.db.query.fingerprint=tasks}
      │    ! error: Error
      └─ insert tasks [client] {db.operation.name=insert}
           ! error: Error"
    `);
  });

  it("members this version does not know work as they are", async () => {
    await traceOf(async ({ db }) => {
      const later = Object.assign(db, { later: (n: number) => n + 1 });
      expect(later.later(1)).toBe(2);
      expect(Object.keys(db)).toContain("insert");
    });
  });
});

describe("the shape of a query", () => {
  it("is text without values", () => {
    const indexed = {
      ...tableShape("t"),
      source: { kind: "index", name: "by_a", conditions: ["a=?", "b>?"] },
    } as const;
    expect(fingerprintOf(tableShape("t"))).toBe("t");
    expect(fingerprintOf(indexed)).toBe("t.withIndex(by_a: a=?, b>?)");
    expect(fingerprintOf({ ...indexed, isFiltered: true, order: "desc" })).toBe(
      "t.withIndex(by_a: a=?, b>?).filter.order(desc)",
    );
    expect(fingerprintOf({ ...tableShape("t"), source: { kind: "search", name: "s", conditions: ["body~?"] } })).toBe(
      "t.withSearchIndex(s: body~?)",
    );
  });

  it.each([
    ["collecting a table", {}, true, true],
    ["the first of a table", {}, false, false],
    ["filtering a table", { isFiltered: true }, false, true],
    ["an index without a range", { source: { kind: "index", name: "i", conditions: [] } }, true, true],
    ["an index range", { source: { kind: "index", name: "i", conditions: ["a=?"] }, isFiltered: true }, true, false],
    ["a search", { source: { kind: "search", name: "s", conditions: [] } }, true, false],
  ] as const)("%s scans: %o %s -> %s", (_name, shape, isWholeResult, expected) => {
    expect(scansTable({ ...tableShape("t"), ...shape }, isWholeResult)).toBe(expected);
  });

  it("takes conditions from whatever a callback returns", () => {
    expect(
      conditionsOf({ rangeExpressions: [{ type: "Eq", fieldPath: "a", value: "s3cr3t" }, { type: "New" }, null] }),
    ).toEqual(["a=?", "?", "?"]);
    for (const odd of [undefined, null, 1, {}, "text"]) expect(conditionsOf(odd)).toEqual([]);
  });
});
