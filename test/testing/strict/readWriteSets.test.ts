/**
 * Read sets and write sets, and what two mutations are in conflict about: `crates/database/src/{reads,writes,transaction}.rs` and
 * `crates/database/src/query` of get-convex/convex-backend, https://docs.convex.dev/database/advanced/occ.
 */
import { getDocumentSize, type Value } from "convex/values";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { conflictsBetween, conflictsWith } from "../../../src/testing/strict/index.js";
import { ran, type SetsBackend, startSets } from "./setsApp.js";

let backend: SetsBackend;
beforeEach(async () => void (backend = await startSets()));
afterEach(() => backend.close());

type Run = readonly [name: string, args?: Record<string, Value>];

/** Names of tasks stand for their ids. */
const run = async ([name, { id, ...args } = {}]: Run) => {
  const known = Object.entries(backend.ids).find(([key]) => key === id)?.[1];
  return await ran(backend, name, id === undefined ? args : { ...args, id: known ?? id });
};

async function conflict(one: Run, other: Run): Promise<boolean> {
  const [first, second] = [await run(one), await run(other)];
  const answers = [conflictsWith(first, second), conflictsWith(second, first)];
  expect(answers[0]).toBe(answers[1]);
  return answers[0] === true;
}

const pending = { status: "pending" };
const insert = (due: number, status = "pending"): Run => ["insert", { status, due }];

describe("two mutations", () => {
  it.each<[string, Run, Run, boolean]>([
    ["that insert read nothing", insert(1), insert(1), false],
    ["one gets what the other patches", ["get", { id: "a" }], ["patch", { id: "a", due: 5 }], true],
    ["one gets what the other replaces", ["get", { id: "a" }], ["replace", { id: "a", ...pending, due: 1 }], true],
    ["one gets what the other deletes", ["get", { id: "a" }], ["remove", { id: "a" }], true],
    ["one gets another document", ["get", { id: "a" }], ["patch", { id: "b", due: 5 }], false],
    ["that get the same", ["get", { id: "a" }], ["get", { id: "a" }], false],
    ["that patch the same read it", ["patch", { id: "a", due: 5 }], ["patch", { id: "a", due: 6 }], true],
    ["that patch different ones", ["patch", { id: "a", due: 5 }], ["patch", { id: "b", due: 5 }], false],
  ])("%s", async (_, one, other, expected) => {
    expect(await conflict(one, other)).toBe(expected);
  });
});

describe("a mutation that reads a range of an index, and one that", () => {
  it.each<[string, Run, Run, boolean]>([
    ["inserts into it", ["range", pending], insert(7), true],
    ["inserts elsewhere", ["range", pending], insert(7, "done"), false],
    ["inserts into it though it was empty", ["range", { status: "none" }], insert(7, "none"), true],
    ["inserts next to the empty one", ["range", { status: "none" }], insert(7, "nonf"), false],
    ["inserts on its open bound", ["range", { ...pending, above: 1, upTo: 2 }], insert(1), false],
    ["inserts on its closed bound", ["range", { ...pending, above: 1, upTo: 2 }], insert(2), true],
    ["inserts beyond it", ["range", { ...pending, above: 1, upTo: 2 }], insert(2.5), false],
    ["moves a document into it", ["range", { status: "done" }], ["patch", { id: "a", status: "done" }], true],
    ["moves one out of it", ["range", pending], ["patch", { id: "a", status: "done" }], true],
    ["changes one in it", ["range", pending], ["patch", { id: "a", text: "other" }], true],
    ["changes one outside", ["range", pending], ["patch", { id: "c", text: "other" }], false],
    ["deletes one in it", ["range", pending], ["remove", { id: "b" }], true],
    ["writes to another table", ["range", pending], ["insert", { table: "others", ...pending, due: 1 }], false],
  ])("%s", async (_, one, other, expected) => {
    expect(await conflict(one, other)).toBe(expected);
  });
});

// `start_next` in crates/database/src/query/index_range.rs: what was not taken was not read.
describe("a mutation that reads the first of a range, and one that", () => {
  it.each<[string, Run, Run, boolean]>([
    ["inserts before it", ["range", { ...pending, take: 1 }], insert(0.5), true],
    ["inserts behind it", ["range", { ...pending, take: 1 }], insert(1.5), false],
    ["inserts beside it, later", ["range", { ...pending, take: 1 }], insert(1), false],
    ["deletes it", ["range", { ...pending, take: 1 }], ["remove", { id: "a" }], true],
    ["deletes the second", ["range", { ...pending, take: 1 }], ["remove", { id: "b" }], false],
    ["moves the second before it", ["range", { ...pending, take: 1 }], ["patch", { id: "b", due: 0 }], true],
    ["inserts behind it, where it asked for more", ["range", { ...pending, take: 3 }], insert(9), true],
    ["inserts behind the last, backwards", ["range", { ...pending, take: 1, order: "desc" }], insert(2.5), true],
    ["inserts before the last, backwards", ["range", { ...pending, take: 1, order: "desc" }], insert(1.5), false],
    ["inserts behind where a loop ended", ["walk", { ...pending, until: 1 }], insert(1.5), false],
    ["inserts before where a loop ended", ["walk", { ...pending, until: 1 }], insert(0.5), true],
    ["inserts though nothing was taken", ["unread", pending], insert(1), false],
  ])("%s", async (_, one, other, expected) => {
    expect(await conflict(one, other)).toBe(expected);
  });
});

// `Query::new` in crates/database/src/query/mod.rs: a scan is a range of by_creation_time.
describe("a mutation that reads a table, and one that", () => {
  it.each<[string, Run, Run, boolean]>([
    ["inserts into it", ["scan"], insert(1), true],
    ["inserts into another", ["scan"], ["insert", { table: "others", ...pending, due: 1 }], false],
    ["inserts, where the oldest was enough", ["scan", { take: 1 }], insert(0), false],
    ["inserts, where the newest was asked for", ["scan", { take: 1, order: "desc" }], insert(0), true],
    // Creation times of mutations that run at the same time are in either order.
    ["inserts, where it came to its own insert", ["insertAndScan", { take: 4 }], insert(0), true],
    ["inserts, where it did not come so far", ["insertAndScan", { take: 3 }], insert(0), false],
    ["changes what a filter has left out", ["filtered", { due: 2 }], ["patch", { id: "a", text: "x" }], true],
    ["changes what comes after the one that a filter found", ["filtered", { due: 2 }], ["remove", { id: "c" }], false],
    ["inserts, where a filter found nothing", ["filtered", { due: 77 }], insert(0), true],
    ["writes what it searches", ["search", { text: "a" }], insert(0), true],
    [
      "writes elsewhere than it searches",
      ["search", { text: "a" }],
      ["insert", { table: "others", ...pending, due: 1 }],
      false,
    ],
  ])("%s", async (_, one, other, expected) => {
    expect(await conflict(one, other)).toBe(expected);
  });

  it("reads a page of it", async () => {
    const page = (cursor: Value, numItems: number) => ran(backend, "page", { cursor, numItems });
    const first = await page(null, 2);
    const { continueCursor } = (await backend.mutation("tasks:page", { cursor: null, numItems: 2 })) as Record<
      string,
      Value
    >;
    const last = await page(continueCursor ?? null, 2);
    const [b, c, added] = [
      await run(["patch", { id: "b", due: 7 }]),
      await run(["remove", { id: "c" }]),
      await run(insert(1)),
    ];
    expect([b, c, added].map((write) => conflictsWith(first, write))).toEqual([true, false, false]);
    expect([b, c, added].map((write) => conflictsWith(last, write))).toEqual([false, true, true]);
  });
});

describe("what counts as read", () => {
  // `SnapshotQuery` in crates/isolate/src/environment/udf/async_syscall.rs: the transaction before the query is put back.
  it("is what nested queries read, except with useStaleSnapshot", async () => {
    expect(await conflict(["insertKnowing", { useStaleSnapshot: false }], insert(1))).toBe(true);
    expect(await conflict(["insertKnowing", { useStaleSnapshot: true }], insert(1))).toBe(false);
    const [known, stale] = backend.callsOf("tasks:listed");
    expect([known?.readSet.length, stale?.readSet.length]).toEqual([1, 1]);
  });

  // `rollback_subtransaction` in crates/database/src/transaction.rs puts back the writes, not the reads.
  it("is also what a nested mutation has read that was undone, while its writes are none", async () => {
    const call = await run(["careful", { id: "a" }]);
    expect(call.writeSet).toMatchObject([{ before: { due: 1, text: "a" }, after: { due: 1, text: "patched" } }]);
    expect(call.readSet.map(({ index, bounds }) => [index, bounds[0]?.value])).toEqual([
      ["by_id", backend.ids.a],
      ["by_id", backend.ids.a],
    ]);
    expect(backend.callsOf("tasks:reckless")).toMatchObject([{ outcome: "threw", writeSet: [] }]);
  });

  it("says how far, with the fields of the index", async () => {
    const { readSet } = await run(["range", { ...pending, above: 0, take: 1 }]);
    expect(readSet).toEqual([
      {
        componentPath: "",
        table: "tasks",
        index: "by_status",
        fields: ["status", "due", "_creationTime", "_id"],
        order: "asc",
        bounds: [
          { field: "status", comparison: "eq", value: "pending" },
          { field: "due", comparison: "gt", value: 0 },
        ],
        after: undefined,
        upTo: ["pending", 1, expect.any(Number), backend.ids.a],
      },
    ]);
  });
});

// `record_read_document` in crates/database/src/reads.rs, called for each document that is given out or about to be written.
describe("documents that were read", () => {
  const reads = async (...given: Run): Promise<number> => (await run(given)).documentsRead.documents;

  it("are those of queries, as far as they were taken, and of gets, each time", async () => {
    expect(await reads("scan", {})).toBe(3);
    expect(await reads("scan", { take: 2 })).toBe(2);
    expect(await reads("range", { ...pending, above: 1 })).toBe(1);
    expect(await reads("page", { numItems: 2, cursor: null })).toBe(2);
    expect(await reads("get", { id: "a" })).toBe(1);
    expect(await reads("insert", { ...pending, due: 1 })).toBe(0);
  });

  it("are those that were written over or deleted", async () => {
    expect(await reads("patch", { id: "a", due: 5 })).toBe(1);
    expect(await reads("remove", { id: "a" })).toBe(1);
    expect(await reads("get", { id: "a" })).toBe(0);
  });

  it("are counted in bytes as Convex counts them", async () => {
    const { documentsRead } = await run(["get", { id: "a" }]);
    const a = { _id: backend.ids.a, _creationTime: 0, text: "a", status: "pending", due: 1 };
    expect(documentsRead).toEqual({ documents: 1, bytes: getDocumentSize(a) });
  });

  it("are those of each call for itself", async () => {
    expect(await reads("insertKnowing", { useStaleSnapshot: true })).toBe(0);
    expect(backend.callsOf("tasks:listed")).toMatchObject([{ documentsRead: { documents: 3 } }]);
  });
});

describe("what counts as written", () => {
  it("is a document once, as it was before and is after, with what nested calls did", async () => {
    const { writeSet } = await run(["patchTwice", { id: "a" }]);
    expect(writeSet).toMatchObject([{ table: "tasks", id: backend.ids.a, before: { due: 1 }, after: { due: 11 } }]);
  });

  it("is what it is in the transaction, whatever a stale snapshot says", async () => {
    const [write] = (await run(["patchKnowing", { id: "a" }])).writeSet;
    expect(write).toMatchObject({ before: { due: 1, text: "a" }, after: { due: 10, text: "patched" } });
  });

  it("is nothing for what was inserted and deleted again", async () => {
    expect((await run(["insertAndRemove"])).writeSet).toEqual([]);
    expect(await conflict(["scan"], ["insertAndRemove"])).toBe(false);
  });

  it("is a document without the fields that were taken from it", async () => {
    const [write] = (await run(["unset", { id: "a" }])).writeSet;
    expect([write?.before?.["text"], write?.after?.["text"]]).toEqual(["a", undefined]);
    const [replaced] = (await run(["replace", { id: "b", status: "done", due: 4 }])).writeSet;
    expect(replaced?.after).toEqual({ status: "done", due: 4, _id: backend.ids.b, _creationTime: expect.any(Number) });
  });

  it("is nothing if it failed", async () => {
    await expect(backend.mutation("tasks:reckless", { id: backend.ids.a })).rejects.toThrow("undone");
    expect(backend.callsOf("tasks:reckless")).toMatchObject([{ writeSet: [], readSet: [{ index: "by_id" }] }]);
  });

  // crates/model/src/scheduled_jobs/mod.rs: a job is a document.
  it("is a job that is scheduled or canceled, for those who look at jobs", async () => {
    expect(await conflict(["schedule"], ["schedule"])).toBe(false);
    expect(await conflict(["jobs"], ["schedule"])).toBe(true);
    const id = String(await backend.mutation("tasks:schedule"));
    expect(await conflict(["job", { id }], ["cancel", { id }])).toBe(true);
    expect(await conflict(["job", { id }], ["schedule"])).toBe(false);
  });

  it("takes nothing of what the function may read itself", async () => {
    const [documents, queries, bytes] = (await backend.mutation("tasks:metrics", { id: backend.ids.a })) as number[];
    expect([documents, queries]).toEqual([1, 0]);
    expect(bytes).toBeLessThan(120);
  });
});

describe("conflictsBetween", () => {
  it("says who has read what of whom", async () => {
    const [reader, writer] = [await run(["get", { id: "a" }]), await run(["patch", { id: "a", due: 5 }])];
    const reason = { read: { index: "by_id" }, write: { id: backend.ids.a, after: { due: 5 } } };
    expect(conflictsBetween(reader, writer)).toMatchObject([{ reader: 0, ...reason }]);
    expect(conflictsBetween(writer, reader)).toMatchObject([{ reader: 1, ...reason }]);
  });

  it("does without calls: what an action asks for are transactions of their own", () => {
    expect(conflictsBetween({ readSet: [], writeSet: [] }, { readSet: [], writeSet: [] })).toEqual([]);
  });
});
