/** Arguments, errors, jobs and operations that nobody awaits: see the sources at each rule. */
import { ConvexError } from "convex/values";
import { afterEach, describe, expect, it, vi } from "vitest";
import { finishJobs, startRules } from "./rules.js";

afterEach(() => vi.restoreAllMocks());

async function jobStates({ t }: Awaited<ReturnType<typeof startRules>>): Promise<string[]> {
  return await t.run(async (ctx) => {
    const jobs = await ctx.db.system.query("_scheduled_functions").collect();
    return jobs.map(({ state }) => state.kind);
  });
}

// `validate_schedule_args` in crates/udf/src/validation.rs looks at the path only.
describe("arguments of scheduled functions", () => {
  it.each(["wrongJob", "extraJob"])("%s: are validated when the job runs, not when it is scheduled", async (name) => {
    vi.useFakeTimers();
    const failures = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const backend = await startRules();
    await backend.mutation(`notes:${name}`);
    expect(await jobStates(backend)).toEqual(["pending"]);
    await finishJobs(backend);
    expect(await jobStates(backend)).toEqual(["failed"]);
    expect(backend.callsOf("notes:add")).toEqual([]);
    expect(failures).toHaveBeenCalledOnce();
  });
});

describe("arguments of calls", () => {
  // https://docs.convex.dev/functions/validation
  it("are validated before any code of the callee runs", async () => {
    const { mutation, callsOf } = await startRules();
    await expect(mutation("notes:add", { text: "a", other: 1 })).rejects.toThrow(/other/);
    expect(callsOf("notes:add")).toEqual([]);
  });

  // `validateObjectField` in npm-packages/convex/src/values/value.ts
  it("have no field names that begin with $", async () => {
    const { mutation } = await startRules();
    await expect(mutation("notes:badField")).rejects.toThrow("Field name $x starts with a '$', which is reserved.");
  });

  // https://docs.convex.dev/database/types
  it("keep int64 and bytes on the way from an action", async () => {
    const { action } = await startRules();
    expect(await action("notes:int64")).toEqual([5n, new Uint8Array([1, 2]).buffer]);
  });
});

// https://docs.convex.dev/functions/error-handling/application-errors
describe("errors", () => {
  it("of class ConvexError keep their data, and the transaction is rolled back", async () => {
    const { mutation, query, calls } = await startRules();
    const thrown: unknown = await mutation("notes:failing").catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ConvexError);
    expect(thrown).toMatchObject({ data: { code: 7n } });
    expect(calls).toMatchObject([{ outcome: "threw" }]);
    expect(await query("notes:list")).toEqual([]);
  });

  // https://docs.convex.dev/functions/mutation-functions#calling-other-mutations
  it("of a nested mutation undo that one only, and can be caught", async () => {
    const { mutation, query } = await startRules();
    expect(await mutation("notes:catching")).toEqual([true, true, 7n]);
    expect(await query("notes:list")).toEqual([]);
  });
});

// https://docs.convex.dev/functions/actions#dangling-promises
describe("operations that nobody awaits", () => {
  it("of an action are dropped with a warning", async () => {
    const { action, query, callsOf } = await startRules();
    expect(await action("notes:forgetful")).toBe("returned");
    expect(callsOf("notes:forgetful")).toMatchObject([
      {
        unawaited: ["mutation", "query"],
        console: [{ level: "WARN", systemCode: "UnawaitedOperations" }],
      },
    ]);
    expect(callsOf("notes:forgetful")[0]?.console[0]?.text).toBe(
      "2 unawaited operations: [mutation, query]. Async operations should be awaited or they might not run. " +
        "See https://docs.convex.dev/functions/actions#dangling-promises for more information.",
    );
    expect(await query("notes:list")).toEqual([]);
  });

  it("of an action's timers do not happen after it returned", async () => {
    const { action, query, calls } = await startRules();
    await action("notes:afterReturn");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(calls).toMatchObject([{ console: [], unawaited: [] }]);
    expect(await query("notes:list")).toEqual([]);
  });

  // `run_inner` in crates/isolate/src/environment/udf/mod.rs drains pending syscalls after success.
  it("of a mutation are carried out", async () => {
    const { mutation, query } = await startRules();
    await mutation("notes:forgetfulMutation");
    expect(await query("notes:list")).toEqual(["one", "two", "three"]);
  });
});

describe("after close", () => {
  it("jobs that are still due do not run", async () => {
    const backend = await startRules();
    await backend.mutation("notes:scheduleAttempt", { delayMs: 20 });
    await backend.close();
    await backend.close();
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(backend.callsOf("notes:attempt")).toEqual([]);
  });
});

// https://docs.convex.dev/functions/query-functions#caching--reactivity--consistency
describe("what is observed", () => {
  it("reads and writes are listed with their arguments", async () => {
    const { mutation, query, calls } = await startRules();
    await mutation("notes:add", { text: "a" });
    await query("notes:list");
    expect(calls.map(({ operations }) => operations.map(({ kind, name }) => `${kind} ${name}`))).toEqual([
      ["write 1.0/insert"],
      ["read 1.0/queryStream", "other 1.0/queryStreamNext", "other 1.0/queryStreamNext"],
    ]);
    expect(calls[0]?.operations[0]?.argsJson).toBe('{"table":"notes","value":{"text":"a"}}');
  });

  it("a query's cache key is its path, its arguments, and the identity if that was read", async () => {
    const { t, query, calls } = await startRules();
    await query("notes:list");
    const { makeFunctionReference } = await import("convex/server");
    const ada = t.withIdentity({ name: "Ada", subject: "ada", issuer: "https://a.test" });
    expect(await ada.query(makeFunctionReference<"query">("notes:mine"), {})).toBe("Ada");
    expect(await ada.query(makeFunctionReference<"query">("notes:viaMine"), {})).toBe("Ada");
    expect(calls[0]?.cacheKey).toBe('["notes:list","{}",null]');
    expect(calls.slice(1).map(({ cacheKey }) => cacheKey?.includes("Ada"))).toEqual([true, true, true]);
  });

  // crates/application/src/scheduled_jobs/mod.rs: a job is a request of its own.
  it("scheduled calls have no parent", async () => {
    const { mutation, callsOf } = await startRules();
    await mutation("notes:scheduleAttempt");
    await vi.waitUntil(() => callsOf("notes:add")[0]?.outcome === "returned", 60_000);
    expect([...callsOf("notes:attempt"), ...callsOf("notes:add")].map(({ parent }) => parent)).toEqual([
      undefined,
      undefined,
    ]);
  });

  it("nested calls know their parents, also when they run in parallel", async () => {
    const { action, calls } = await startRules();
    expect(await action("notes:parallel")).toEqual(["a", "b", "c"]);
    expect(calls.map(({ path, parent }) => `${path} of ${parent?.path ?? "the test"}`)).toEqual([
      "notes:parallel of the test",
      "notes:add of notes:parallel",
      "notes:add of notes:parallel",
      "notes:add of notes:parallel",
    ]);
  });
});
