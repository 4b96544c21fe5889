/** What holds for any two transactions. */
import fc from "fast-check";
import type { Value } from "convex/values";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  conflictsBetween,
  conflictsWith,
  type StrictBound,
  type StrictDocument,
  type StrictRead,
  type StrictTransaction,
  type StrictWrite,
} from "../../../src/testing/strict/index.js";
import { effort } from "../../proofs/effort.js";
import { ran, type SetsBackend, startSets } from "./setsApp.js";

const FIELDS = ["status", "due", "_creationTime", "_id"];
const place = { componentPath: fc.constantFrom("", "box"), table: fc.constantFrom("tasks", "others") };
const status = fc.constantFrom("pending", "done");
const due = fc.integer({ min: 0, max: 4 });

function document(ids: fc.Arbitrary<string>): fc.Arbitrary<StrictDocument> {
  return fc.record({ status, due, _id: ids, _creationTime: fc.option(due, { nil: undefined }) });
}

function write(ids: fc.Arbitrary<string>): fc.Arbitrary<StrictWrite> {
  const image = fc.option(document(ids), { nil: undefined });
  return fc.record({ ...place, id: ids, before: image, after: image });
}

const bounds: fc.Arbitrary<StrictBound[]> = fc
  .tuple(status, fc.constantFrom("gt", "gte", "lt", "lte"), due)
  .map(([equal, comparison, value]) => [
    { field: "status", comparison: "eq", value: equal },
    { field: "due", comparison, value },
  ]);

const range: fc.Arbitrary<StrictRead> = fc.record({
  ...place,
  index: fc.constant("by_status"),
  fields: fc.constant(FIELDS),
  order: fc.constantFrom("asc", "desc"),
  bounds,
  after: fc.option(fc.tuple(status, due, due, fc.constant("1")), { nil: undefined }),
  upTo: fc.option(fc.tuple(status, due, due, fc.constant("1")), { nil: undefined }),
});

function get(ids: fc.Arbitrary<string>): fc.Arbitrary<StrictRead> {
  const rest = { index: "by_id", fields: ["_id"], order: "asc", after: undefined, upTo: undefined } as const;
  return fc
    .record({ ...place, value: ids })
    .map(({ value, ...read }) => ({ ...read, ...rest, bounds: [{ field: "_id", comparison: "eq", value }] }));
}

function transaction(read: fc.Arbitrary<StrictRead>, ids: fc.Arbitrary<string>): fc.Arbitrary<StrictTransaction> {
  return fc.record({ readSet: fc.array(read, { maxLength: 4 }), writeSet: fc.array(write(ids), { maxLength: 4 }) });
}

const [some, others] = [fc.constantFrom("1", "2", "3"), fc.constantFrom("4", "5", "6")];
const any = transaction(fc.oneof(range, get(some)), some);

describe("conflictsWith", () => {
  it("does not depend on the order of the two", () => {
    fc.assert(
      fc.property(any, any, (one, other) => {
        expect(conflictsWith(other, one)).toBe(conflictsWith(one, other));
        const reasons = conflictsBetween(one, other).map(({ reader, ...rest }) => ({ reader: 1 - reader, ...rest }));
        expect(new Set(conflictsBetween(other, one))).toEqual(new Set(reasons));
      }),
    );
  });

  it("is false for those that know nothing of each other's documents", () => {
    const one = transaction(get(some), some);
    const other = transaction(get(others), others);
    fc.assert(fc.property(one, other, (first, second) => void expect(conflictsWith(first, second)).toBe(false)));
  });

  it("is false for those that write nothing, and for those that read nothing", () => {
    fc.assert(
      fc.property(any, any, (one, other) => {
        expect(conflictsWith({ ...one, writeSet: [] }, { ...other, writeSet: [] })).toBe(false);
        expect(conflictsWith({ ...one, readSet: [] }, { ...other, readSet: [] })).toBe(false);
      }),
    );
  });
});

const step = fc.record({
  op: fc.constantFrom("get", "range", "range", "scan", "patch", "patch", "insert", "remove"),
  document: fc.nat(2),
  status,
  due,
  take: fc.integer({ min: 1, max: 3 }),
  order: fc.constantFrom("asc", "desc"),
});
const program = fc.array(step, { minLength: 1, maxLength: 3 });
type Program = typeof program extends fc.Arbitrary<infer Steps> ? Steps : never;

async function withTasks<T>(use: (backend: SetsBackend) => Promise<T>): Promise<T> {
  const backend = await startSets();
  try {
    return await use(backend);
  } finally {
    await backend.close();
  }
}

async function resultsInOrder(first: Program, second: Program) {
  return await withTasks(async (backend) => {
    const run = async (steps: Program): Promise<Value> =>
      (await backend.mutation("tasks:program", { ids: Object.values(backend.ids), steps })) as Value;
    return [await run(first), await run(second)] as const;
  });
}

async function alone(steps: Program): Promise<StrictTransaction> {
  return await withTasks((backend) => ran(backend, "program", { ids: Object.values(backend.ids), steps }));
}

describe("two mutations without a conflict", () => {
  // Documents are as old in one backend as in the other.
  beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: 1_000_000 }));
  afterEach(() => vi.useRealTimers());

  it("see the same whichever comes first", async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(program, program, async (one, other) => {
        if (conflictsWith(await alone(one), await alone(other))) return;
        const [ofOne, ofOther] = await resultsInOrder(one, other);
        const [ofOtherBefore, ofOneAfter] = await resultsInOrder(other, one);
        expect([ofOneAfter, ofOtherBefore]).toEqual([ofOne, ofOther]);
        compared += 1;
      }),
      effort.of(40),
    );
    expect(compared).toBeGreaterThan(5);
  });
});
