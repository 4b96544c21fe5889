/** How modules are evaluated. Rules: `crates/isolate/src/environment/udf/mod.rs` of get-convex/convex-backend, and below. */
import { makeFunctionReference } from "convex/server";
import { describe, expect, it } from "vitest";
import { strictConvex } from "../../../src/testing/strict/index.js";
import { fixture, startRules } from "./rules.js";

const fresh = [1, 1, 1];

describe("modules", () => {
  // `run_nested` makes a new context for each nested call, as the outermost call has one.
  it("are evaluated anew for every call, nested ones too", async () => {
    const { query, mutation } = await startRules();
    expect(await query("state:inQuery")).toEqual(fresh);
    expect(await query("state:inQuery")).toEqual(fresh);
    expect(await mutation("state:nested")).toEqual([fresh, fresh, fresh, [2, 2, 1]]);
  });

  // `error_dynamic_import_callback` in crates/isolate/src/isolate.rs.
  it("can be loaded with import() in actions only", async () => {
    const { query, mutation, action } = await startRules();
    const refused = "TypeError true: dynamic module import unsupported";
    expect(await query("imports:inQuery")).toBe(refused);
    expect(await mutation("imports:inMutation")).toBe(refused);
    expect(await action("imports:inAction")).toBe("chunk");
  });

  // `experimental_reuseContext` in crates/isolate/src/environment/analyze.rs: a deployment may reuse it, or not.
  it("that ask for reuse of their context are evaluated anew as well", async () => {
    const { query } = await startRules();
    expect([await query("reuse:next"), await query("reuse:next")]).toEqual([1, 1]);
  });

  // crates/isolate/src/environment/analyze.rs: "… unsupported at import time"
  it("reach nothing outside while they are evaluated", async () => {
    const { query } = await startRules();
    expect(await query("top:seen")).toEqual([
      "Cannot use cryptographic randomness at import time",
      "Syscall 1.0/get unsupported at import time",
      "Syscall 1.0/queryStream unsupported at import time",
      "Syscall storage/getBlob unsupported at import time",
      "fetch() unsupported at import time",
    ]);
  });

  // A rejection that nobody handles is still there when the function starts: `run_inner` in environment/udf/mod.rs.
  it("with a timer at their top can be deployed, but end every call", async () => {
    const { query, calls } = await startRules();
    await expect(query("topTimer:read")).rejects.toThrow("setTimeout unsupported at import time");
    expect(calls).toMatchObject([{ outcome: "killed" }]);
  });

  // "Top-level awaits in source files are unsupported", crates/isolate/src/execution_scope.rs.
  it("cannot await at their top level", async () => {
    await expect(strictConvex({ dir: fixture("awaitsAtTop") })).rejects.toThrow(
      "late.js: Top-level awaits in source files are unsupported",
    );
  });

  it("that depend on variables are looked at in each deploy", async () => {
    const [one, other, third] = [
      await startRules(),
      await startRules({ env: { CHOSEN: "mutation" } }),
      await startRules(),
    ];
    expect(await one.query("chosen:one")).toBe("a query");
    expect(await other.mutation("chosen:one")).toBe("a mutation");
    expect(await third.query("chosen:one")).toBe("a query");
  });

  // A push evaluates all modules: crates/isolate/src/environment/analyze.rs.
  it("that throw when they are evaluated cannot be deployed", async () => {
    await expect(strictConvex({ dir: fixture("throwsAtTop") })).rejects.toThrow(/broken cannot be loaded: /);
  });
});

// https://docs.convex.dev/functions/runtimes#supported-apis and npm-packages/udf-runtime/src/setup.ts
describe("globals", () => {
  it("are those of Convex's runtime", async () => {
    const { query } = await startRules();
    const present = "AbortController AsyncLocalStorage Blob Convex Date fetch performance Request self TextEncoder URL";
    const absent =
      "Buffer CompressionStream global navigator queueMicrotask require setImmediate SharedArrayBuffer window WebSocket";
    const candidates = [...present.split(" "), ...absent.split(" ")];
    expect(await query("globals:names", { candidates })).toEqual(present.split(" "));
  });

  it("process has the deployment's environment and nothing else", async () => {
    const { query, callsOf } = await startRules({ env: { GREETING: "hello" } });
    expect(await query("globals:environment")).toEqual(["hello", "unset", ["env"]]);
    expect(await query("globals:addresses")).toEqual(["string", "string", "[process.env]"]);
    expect(callsOf("globals:environment")).toMatchObject([{ envReads: ["GREETING", "PATH"] }]);
  });

  it("evaluate no code from strings", async () => {
    const { query } = await startRules();
    expect(await query("globals:evaluating")).toBe("EvalError");
  });

  it("are of one realm, as far as a function can tell", async () => {
    const { query } = await startRules();
    expect(await query("globals:realms")).toEqual([true, true, true, true]);
    expect(new Uint8Array((await query("globals:bytes")) as ArrayBuffer)).toEqual(new Uint8Array([97, 98, 99]));
  });

  it("WeakRef holds its target, and a FinalizationRegistry does nothing", async () => {
    const { query } = await startRules();
    expect(await query("globals:weak")).toEqual([1, "[object WeakRef]", "target must be an object", null]);
  });

  // throwUncatchableDeveloperError in npm-packages/udf-runtime/src/{23_request,02_structured_clone}.ts
  it("that are not implemented end the function, and it cannot catch that", async () => {
    const { action, calls } = await startRules();
    await expect(action("globals:requestMode")).rejects.toThrow("Not implemented: get mode for Request");
    await expect(action("globals:cloneTransfer")).rejects.toThrow("Not implemented: structuredClone with transfer");
    expect(calls).toMatchObject([{ outcome: "killed" }, { outcome: "killed" }]);
  });

  it.each([
    ["url", "set host for URL"],
    ["wrapKey", "wrapKey for SubtleCrypto"],
    ["timing", "get timing for Performance"],
    ["code", "code string argument for setTimeout"],
    ["referrer", "get referrer for Request"],
  ])("%s: is one of them", async (what, message) => {
    const { action, query, calls } = await startRules();
    const expected = `Not implemented: ${message}. Consider calling an action defined in Node.js instead`;
    await expect(action("globals:attemptInAction", { what })).rejects.toThrow(expected);
    await expect(query("globals:attemptInQuery", { what })).rejects.toThrow(expected);
    expect(calls).toMatchObject([{ outcome: "killed" }, { outcome: "killed" }]);
  });

  // npm-packages/udf-runtime/src/03_abort_signal.ts: the polyfill's AbortSignal.timeout calls setTimeout.
  it("AbortSignal.timeout is a timer: for actions only", async () => {
    const { action, query } = await startRules();
    expect(await action("globals:attemptInAction", { what: "signal" })).toEqual(["TimeoutError", true]);
    await expect(query("globals:attemptInQuery", { what: "signal" })).rejects.toThrow(
      "Can't use setTimeout in queries",
    );
    expect(await query("globals:attemptInQuery", { what: "signals" })).toEqual([true, 1]);
    expect(await query("globals:attemptInQuery", { what: "urlRead" })).toBe("a.test:81u");
  });
});

// npm-packages/convex/CHANGELOG.md: performance, AsyncLocalStorage and ctx.meta came one after the other.
describe("older backends", () => {
  it("have no performance", async () => {
    const { t, close } = await strictConvex({ dir: fixture("plain"), backend: { performance: false } });
    expect(await t.query(makeFunctionReference<"query">("probe:performanceType"), {})).toBe("undefined");
    await close();
    // A module of this app reads it at its top.
    await expect(startRules({ backend: { performance: false } })).rejects.toThrow("performance is not defined");
  });

  it("have no AsyncLocalStorage", async () => {
    const { query } = await startRules({ backend: { asyncLocalStorage: false } });
    expect(await query("als:read")).toBe("no storage");
    expect(await query("globals:names", { candidates: ["AsyncLocalStorage", "AsyncResource"] })).toEqual([]);
  });

  it("answer fewer questions of ctx.meta", async () => {
    const { action } = await startRules({ backend: { meta: ["getFunctionMetadata"] } });
    expect(await action("globals:metadata")).toBe("Unknown async operation 1.0/getRequestMetadata");
    expect(await (await startRules()).action("globals:metadata")).toBe(true);
  });
});

describe("options that are wrong", () => {
  it("are named", async () => {
    await expect(startRules({ seed: 0.5 })).rejects.toThrow("strictConvex: seed is 0.5; give an integer");
    const meta = ["getNothing"] as never;
    await expect(startRules({ backend: { meta } })).rejects.toThrow("backend.meta names getNothing");
  });
});
