/** What ends a function. Rules: `run_inner` in `crates/isolate/src/environment/{udf,action}/mod.rs` of get-convex/convex-backend. */
import { describe, expect, it } from "vitest";
import { startRules } from "./rules.js";

const advice = "in queries and mutations. Please consider using an action.";

// `not_allowed_in_udf` in crates/isolate/src/environment/udf/mod.rs; npm-packages/udf-runtime/src/26_fetch.ts
describe("fetch in queries and mutations", () => {
  it.each(["query", "mutation"] as const)("is rejected in a %s, which can catch that", async (type) => {
    const backend = await startRules();
    const name = type === "query" ? "fetchInQuery" : "fetchInMutation";
    expect(await backend[type](`deaths:${name}`)).toMatch(`caught true: Can't use fetch() ${advice}`);
  });

  it("ends the function if nobody looks at the promise", async () => {
    const { query, calls } = await startRules();
    await expect(query("deaths:forgottenFetch")).rejects.toThrow(`Can't use fetch() ${advice}`);
    expect(calls).toMatchObject([{ outcome: "killed" }]);
  });
});

// npm-packages/udf-runtime/src/02_timers.ts: a timer is a promise that nobody has.
describe("timers in queries and mutations", () => {
  it.each(["query", "mutation"] as const)("end a %s, which cannot catch that, and read the clock", async (type) => {
    const backend = await startRules();
    const name = type === "query" ? "timerInQuery" : "timerInMutation";
    await expect(backend[type](`deaths:${name}`)).rejects.toThrow(`Can't use setTimeout ${advice}`);
    expect(backend.calls).toMatchObject([{ outcome: "killed", observedTime: true }]);
  });

  it("can be cleared", async () => {
    const { query } = await startRules();
    expect(await query("deaths:clearing")).toBeNull();
  });

  it("fire in actions, and what they throw there ends the action", async () => {
    const { action, calls } = await startRules();
    expect(await action("deaths:timerInAction")).toBe("fired");
    await expect(action("deaths:timerThrows")).rejects.toThrow("in a timer");
    expect(calls[1]).toMatchObject({ outcome: "killed" });
  });
});

// `promise_reject_callback` in crates/isolate/src/request_scope.rs
describe("an unhandled rejection", () => {
  it.each([
    ["query", "rejectionInQuery"],
    ["mutation", "rejectionInMutation"],
    ["action", "rejectionInAction"],
  ] as const)("ends a %s although it returned", async (type, name) => {
    const backend = await startRules();
    await expect(backend[type](`deaths:${name}`)).rejects.toThrow("nobody listens");
    expect(backend.calls).toMatchObject([{ outcome: "killed", error: "nobody listens" }]);
    expect(await backend.query("notes:list")).toEqual([]);
  });

  it("ends an action that is still busy, and that cannot catch it", async () => {
    const { action } = await startRules();
    await expect(action("deaths:lateRejection")).rejects.toThrow("later");
  });

  it.each(["query", "action"] as const)("of a promise that a web API made ends a %s, too", async (type) => {
    const backend = await startRules();
    const name = type === "query" ? "webRejectionInQuery" : "webRejectionInAction";
    await expect(backend[type](`deaths:${name}`)).rejects.toThrow(/is not valid JSON/);
    expect(backend.calls).toMatchObject([{ outcome: "killed" }]);
  });

  it("that is handled in time ends nothing", async () => {
    const { query } = await startRules();
    expect(await query("deaths:handled")).toBe("returned");
  });

  it("in a nested mutation ends that one, and its caller can go on", async () => {
    const { mutation, query } = await startRules();
    expect(await mutation("deaths:callsKilled")).toBe("caught true: nobody listens");
    expect(await query("notes:list")).toEqual([]);
  });
});

describe("a test's own rejections", () => {
  it("go where they went before", async () => {
    const seen: unknown[] = [];
    const listen = (reason: unknown): void => void seen.push(reason);
    const others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", listen);
    try {
      const { close } = await startRules();
      void Promise.reject(new Error("the test's"));
      await close();
      expect(seen).toMatchObject([{ message: "the test's" }]);
      expect(process.listeners("unhandledRejection")).toEqual([listen]);
    } finally {
      process.off("unhandledRejection", listen);
      for (const other of others) process.on("unhandledRejection", other);
    }
  });
});
