/** Database operations of mutations: one span each, with the shape of the query and nothing of its values. */
import { describe, expect, it } from "vitest";
import { spanTree } from "../../../src/testing/index.js";
import * as apps from "./apps/db.js";
import { run } from "./apps/functions.js";
import { starter } from "./harness/start.js";

const start = starter("db", apps);

const ATTRIBUTES = [
  "db.operation.name",
  "convex.db.index.name",
  "convex.db.query.fingerprint",
  "convex.db.query.scan",
  "db.response.returned_rows",
];

/** Runs the mutation of an app. Gives its spans as text, and what it told. */
async function traceOf(name: keyof typeof apps) {
  const { t, exporter, settle, told } = await start(name);
  await t.mutation(run, {});
  await settle();
  expect(JSON.stringify(exporter.spans)).not.toContain("s3cr3t");
  const tree = spanTree(exporter.spans, { attributes: ATTRIBUTES }).replace("own:run [server]", "run");
  return { tree, result: told("result")[0] };
}

describe("ctx.db", () => {
  it("reads and writes of documents, with and without their table", async () => {
    const { tree, result } = await traceOf("documents");
    expect(result).toEqual({ isNormalized: true, deleted: null });
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
    const { tree, result } = await traceOf("queries");
    expect(result).toEqual([2, false]);
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
    const { tree, result } = await traceOf("iteration");
    expect(result).toEqual([0, 1, 2, 0]);
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
    const { tree, result } = await traceOf("errors");
    expect(result).toEqual([
      expect.stringMatching(/unique\(\) query returned more than one result/),
      expect.stringMatching(/Validator error/),
    ]);
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
    const { result } = await traceOf("unknownMembers");
    expect(result).toEqual([2, true]);
  });
});
