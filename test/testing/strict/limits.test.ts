/** Limits of arguments, results, scheduled functions and calls. Sources at each rule, in get-convex/convex-backend. */
import { describe, expect, it } from "vitest";
import { startRules } from "./rules.js";

async function jobs({ t }: Awaited<ReturnType<typeof startRules>>): Promise<number> {
  return await t.run(async (ctx) => (await ctx.db.system.query("_scheduled_functions").collect()).length);
}

// FUNCTION_MAX_ARGS_SIZE in crates/common/src/knobs.rs, `validate_args_size` in crates/udf/src/helpers.rs
describe("arguments", () => {
  const tooLarge = "Arguments for limits.js:take are too large (actual: 16 MiB, limit: 16 MiB)";

  it("have 16 MiB at most; otherwise the function does not run", async () => {
    const { action, mutation, callsOf } = await startRules();
    expect(await action("limits:passes", { mib: 15 })).toBe("1");
    expect(await action("limits:passes", { mib: 16 })).toBe(tooLarge);
    expect(await mutation("limits:passesInside", { mib: 16 })).toBe(tooLarge);
    expect(callsOf("limits:take")).toHaveLength(1);
  });

  // `validateObjectField` in npm-packages/convex/src/values/value.ts; crates/convex/sync_types/src/identifier.rs
  it("have field names of 1024 printable ASCII characters at most, which do not begin with $", async () => {
    const { mutation } = await startRules();
    expect(await mutation("limits:fieldNames")).toEqual([
      "1",
      "1",
      "1",
      expect.stringMatching(/^Field name a+/),
      expect.stringMatching(/^Field name größe has invalid character 'ö'/),
      "Field name $x starts with a '$', which is reserved.",
    ]);
  });

  // `parseArgs` in npm-packages/convex/src/common/index.ts
  it("that are undefined are left out", async () => {
    const { mutation } = await startRules();
    expect(await mutation("limits:undefinedFields")).toBe(1);
  });
});

// MAX_ARRAY_LEN, MAX_OBJECT_FIELDS and MAX_NESTING in crates/value/src
describe("values", () => {
  it("have 8192 elements, 1024 fields and 64 levels at most", async () => {
    const { mutation, query } = await startRules();
    expect(await mutation("limits:shapes")).toEqual([
      "1",
      "Array length is too long (8193 > maximum length 8192)",
      "1",
      "Object has too many fields (1025 > maximum number 1024)",
      "1",
      "Value is too nested (nested 65 levels deep > maximum nesting 64)",
    ]);
    await expect(query("limits:returnsItems", { count: 8193 })).rejects.toThrow(/^Array length is too long/);
  });

  // https://docs.convex.dev/database/advanced/commit-timestamp
  it("can be times that are known at the commit only", async () => {
    const { mutation, query } = await startRules();
    const { at, id } = (await mutation("limits:commitTimes")) as { at: bigint; id: string };
    expect(typeof at).toBe("bigint");
    expect(await query("limits:commitTime", { id })).toEqual(["bigint", true]);
  });

  // MAX_USER_SIZE and MAX_DOCUMENT_NESTING in crates/common/src/document.rs
  it("in documents have 1 MiB and 16 levels at most", async () => {
    const { mutation } = await startRules();
    expect(await mutation("limits:documents")).toEqual([
      "inserted",
      "Value is too large (1.00 MiB > maximum size 1 MiB)",
      "inserted",
      "Document is too nested (nested 17 levels deep > maximum nesting 16)",
      ["_creationTime", "_id", "value"],
    ]);
  });
});

// FUNCTION_MAX_RESULT_SIZE in crates/common/src/knobs.rs, `deserialize_udf_result_inner` in crates/isolate/src/helpers.rs
describe("results", () => {
  it("have 16 MiB at most", async () => {
    const { query, calls } = await startRules();
    expect(await query("limits:give", { mib: 15 })).toHaveLength(15 * 2 ** 20);
    await expect(query("limits:give", { mib: 16 })).rejects.toThrow(
      "Function limits.js:give return value is too large (actual: 16 MiB, limit: 16 MiB)",
    );
    expect(calls).toMatchObject([{ outcome: "returned" }, { outcome: "threw" }]);
  });

  // `validateReturnValue` in npm-packages/convex/src/server/impl/registration_impl.ts
  it("are no queries that have not been run", async () => {
    const { query } = await startRules();
    await expect(query("limits:builder")).rejects.toThrow("Return value is a Query. Results must be retrieved with");
  });
});

// MAX_REACTOR_CALL_DEPTH in crates/common/src/knobs.rs, `run_udf` in crates/isolate/src/environment/udf/async_syscall.rs
describe("calls within a transaction", () => {
  const tooDeep = "Cross component call depth limit exceeded. Do you have an infinite loop in your app?";

  it("go eight levels deep; the caller can catch that", async () => {
    const { mutation, action } = await startRules();
    expect(await mutation("limits:down", { levels: 8 })).toBe("bottom");
    await expect(mutation("limits:down", { levels: 9 })).rejects.toThrow(tooDeep);
    expect(await mutation("limits:downCaught", { levels: 8 })).toContain(tooDeep);
    expect(await action("limits:downFromAction", { levels: 8 })).toBe("bottom");
  });
});

// `check_scheduling_limits` in crates/model/src/scheduled_jobs/mod.rs. The texts here are convex-test's.
describe("scheduled functions", () => {
  it("of a mutation are 1000 at most", async () => {
    const backend = await startRules();
    await backend.mutation("limits:scheduleMany", { count: 1000, bytes: 1 });
    const tooMany = backend.mutation("limits:scheduleMany", { count: 1001, bytes: 1 });
    await expect(tooMany).rejects.toThrow("Scheduled too many functions in a single function execution (limit: 1000)");
    expect(await jobs(backend)).toBe(1000);
  });

  it("of a mutation have arguments of 16 MiB in total, those of an action have no total", async () => {
    const backend = await startRules();
    const args = { count: 5, bytes: 3.5 * 2 ** 20 };
    await expect(backend.mutation("limits:scheduleMany", args)).rejects.toThrow(/arguments too large/);
    expect(await backend.action("limits:scheduleManyFromAction", args)).toBe(5);
  });

  // `validate_schedule_args` in crates/udf/src/validation.rs
  it("must exist, and be due within five years", async () => {
    const { mutation } = await startRules();
    expect(await mutation("limits:scheduleWrongly")).toEqual([
      "Attempted to schedule function at nonexistent path: nowhere.js",
      "Attempted to schedule function, but no exported function absent found in the file: limits.js. " +
        "Did you forget to export it?",
      "T is more than 5 years in the future",
      "T is more than 5 years in the past",
    ]);
  });

  // https://docs.convex.dev/scheduling/scheduled-functions#scheduling-from-mutations
  it("are part of a mutation's transaction, but not of an action", async () => {
    const backend = await startRules();
    await expect(backend.mutation("limits:schedulesAndThrows")).rejects.toThrow("no");
    expect(await jobs(backend)).toBe(0);
    await expect(backend.action("limits:actionSchedulesAndThrows")).rejects.toThrow("no");
    expect(await jobs(backend)).toBe(1);
  });
});

// https://docs.convex.dev/production/state/limits#transactions
describe("transactions", () => {
  it("have the limits that convex-test knows, unless these are switched off", async () => {
    await expect((await startRules()).query("limits:readsMany")).rejects.toThrow(/index ranges .* \(limit: 4096\)/);
    expect(await (await startRules({ transactionLimits: false })).query("limits:readsMany")).toBeNull();
  });
});
