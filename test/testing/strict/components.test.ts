/** Components: https://docs.convex.dev/components, and the places in get-convex/convex-backend that are named at each rule. */
import { join } from "node:path";
import { makeFunctionReference } from "convex/server";
import type { Value } from "convex/values";
import { describe, expect, it, vi } from "vitest";
import { bundleConvex } from "../../../src/testing/convexBundle.js";
import { conflictsWith, strictConvex } from "../../../src/testing/strict/index.js";
import { finishJobs, fixture } from "./rules.js";
import { boxDir, type ComponentBackend, startComponents } from "./componentApp.js";

interface Surroundings {
  readonly now: number;
  readonly drawnAtImport: number;
}

async function listBoth({ action }: ComponentBackend): Promise<unknown> {
  return await action("app:listBoth");
}

// `entryPoints` in npm-packages/convex/src/bundler/index.ts
describe("the functions of a component", () => {
  it("are those of its folder, without those of components in it; the app's folder is without both", async () => {
    const names = async (dir: string) => (await bundleConvex(dir)).modules.map(({ name }) => name);
    expect(await names(fixture("components"))).toEqual(["app"]);
    expect(await names(boxDir)).toEqual(["lib"]);
    expect(await names(join(boxDir, "shelf"))).toEqual(["lib"]);
  });

  it("are calls like others, with the path of the component, and with parents across the boundary", async () => {
    const backend = await startComponents();
    await backend.mutation("app:addBoth", { text: "a" });
    await backend.mutation("app:call", { name: "toShelf", args: { text: "b" } });
    const seen = backend.calls.map(({ componentPath, path, parent }) => [componentPath, path, parent?.path]);
    expect(seen).toEqual([
      ["", "app:addBoth", undefined],
      ["box", "lib:add", "app:addBoth"],
      ["", "app:call", undefined],
      ["box", "lib:toShelf", "app:call"],
      ["box/shelf", "lib:put", "lib:toShelf"],
    ]);
    expect(backend.callsOf("box/lib:add")).toEqual([backend.calls[1]]);
    expect(backend.callsOf("box/shelf/lib:put")).toEqual([backend.calls[4]]);
    expect(backend.callsOf("lib:add")).toEqual([]);
  });

  // crates/isolate/src/environment/udf/mod.rs, `run_nested`
  it("are evaluated anew for each call, with other numbers at import than the app's", async () => {
    const { query } = await startComponents();
    const app = (await query("app:surroundings")) as Surroundings & Record<"inBox" | "again", Surroundings>;
    expect(app).toMatchObject({ inBox: { evaluations: 1 }, again: { evaluations: 1 } });
    expect(app.inBox.drawnAtImport).toBe(app.again.drawnAtImport);
    expect(app.inBox.drawnAtImport).not.toBe(app.drawnAtImport);
  });

  it("cannot use timers or fetch in mutations", async () => {
    const { mutation, callsOf } = await startComponents();
    await expect(mutation("app:call", { name: "fetches" })).rejects.toThrow(
      "Can't use fetch() in queries and mutations",
    );
    await expect(mutation("app:call", { name: "timer" })).rejects.toThrow("Can't use setTimeout");
    expect(callsOf("box/lib:timer")).toMatchObject([{ outcome: "killed" }]);
  });

  // `bundleImplementations` in npm-packages/convex/src/cli/lib/components/definition/bundle.ts
  it('are not for Node.js: "use node" cannot be deployed', async () => {
    const dir = fixture("nodeInComponent");
    await expect(startComponents({ components: { box: { dir } } })).rejects.toThrow(
      `"use node" directive is not supported in components. Remove it from the component at: ${dir}.`,
    );
  });
});

describe("a component that cannot be deployed", () => {
  // crates/isolate/src/environment/analyze.rs
  it.each([
    ["throwsAtTop", "box/broken cannot be loaded"],
    ["wrongValidator", /^box\/tasks:/],
  ])("is named: %s", async (name, message) => {
    await expect(startComponents({ components: { box: { dir: fixture(name) } } })).rejects.toThrow(message);
  });
});

describe("what a component sees", () => {
  // `get_environment_variable` in crates/isolate/src/environment/udf/phase.rs
  it("of the environment are its own variables and those of every deployment, and so it is with nested ones", async () => {
    const { query, callsOf } = await startComponents();
    const env = ["box key", "nothing", "https://some.convex.site"];
    expect(await query("app:ask", { name: "surroundings" })).toMatchObject({ env });
    expect(callsOf("box/lib:surroundings")).toMatchObject([{ envReads: ["BOX_KEY", "APP_KEY", "CONVEX_SITE_URL"] }]);
    expect(await query("app:ask", { name: "shelfKey" })).toBe("nothing");
  });

  // crates/model/src/components/auth.rs
  it("is nobody's identity, and the cache key of its caller keeps the caller's", async () => {
    const { t, callsOf } = await startComponents();
    const ada = t.withIdentity({ name: "Ada", subject: "ada", issuer: "https://a.test" });
    const seen: unknown = await ada.query(makeFunctionReference<"query">("app:surroundings"), {});
    expect(seen).toMatchObject({ identity: "Ada", inBox: { identity: null } });
    expect(callsOf("app:surroundings")[0]?.cacheKey).toContain("Ada");
    expect(callsOf("box/lib:surroundings")[0]?.cacheKey).toBe('["box/lib:surroundings","{}","null"]');
  });

  // `function_metadata` in crates/isolate/src/environment/udf/async_syscall.rs
  it("is where it is", async () => {
    const { query, mutation } = await startComponents();
    const metadata = { name: "lib:surroundings", componentPath: "box", type: "query", visibility: "public" };
    expect(await query("app:ask", { name: "surroundings" })).toMatchObject({ metadata });
    expect(await mutation("app:call", { name: "toShelf", args: { text: "b" } })).toBe("box/shelf");
  });

  // `start_nested_udf` in crates/isolate/src/environment/udf/phase.rs
  it("is the time of its caller's transaction, which has then observed it", async () => {
    let now = 1_000;
    const { query, calls } = await startComponents({ now: () => (now += 1) });
    const app = (await query("app:surroundings")) as Surroundings & { readonly inBox: Surroundings };
    expect(app.inBox.now).toBe(app.now);
    expect(calls.map(({ observedTime }) => observedTime)).toEqual([true, true, true]);
  });
});

describe("calls across the boundary", () => {
  // `run_udf` in crates/isolate/src/environment/udf/async_syscall.rs
  it("are part of the caller's transaction: all of it is committed, or nothing", async () => {
    const backend = await startComponents();
    await expect(backend.mutation("app:addBoth", { text: "a", fail: true })).rejects.toThrow("after all");
    expect(await listBoth(backend)).toEqual([[], []]);
    await backend.mutation("app:addBoth", { text: "b" });
    expect(await listBoth(backend)).toEqual([["b"], ["b"]]);
  });

  it("that throw are undone alone, and can be caught", async () => {
    const backend = await startComponents();
    expect(await backend.mutation("app:catches")).toBe("out of order");
    expect(await listBoth(backend)).toEqual([["kept"], []]);
    expect(backend.calls.slice(0, 2).map(({ outcome }) => outcome)).toEqual(["returned", "threw"]);
  });

  it("from an action are transactions of their own", async () => {
    const backend = await startComponents();
    await expect(backend.action("app:act", { fail: true })).rejects.toThrow("too late");
    expect(await listBoth(backend)).toEqual([[], ["from an action"]]);
  });

  // https://docs.convex.dev/functions/validation
  it("are validated, arguments and results", async () => {
    const { mutation, query, callsOf } = await startComponents();
    await expect(mutation("app:addBoth", { text: 1 })).rejects.toThrow();
    expect(callsOf("box/lib:add")).toEqual([]);
    await expect(query("app:ask", { name: "lies" })).rejects.toThrow("Return value validation failed");
  });

  // https://docs.convex.dev/components/authoring: ids of other components are strings.
  it("give ids as plain strings", async () => {
    const { mutation } = await startComponents();
    expect(await mutation("app:addBoth", { text: "a" })).toBeTypeOf("string");
  });

  // crates/isolate/src/environment/udf/mod.rs: `MAX_LOG_LINES` is for all of an execution.
  it("share the console lines of the transaction", async () => {
    const { mutation, calls } = await startComponents();
    await mutation("app:prints");
    const [app, box] = calls.map(({ console }) => console.filter(({ systemCode }) => systemCode === undefined).length);
    expect([app, (app ?? 0) + (box ?? 0)]).toEqual([100, 256]);
  });
});

describe("what a component schedules", () => {
  const run = async (start: (backend: ComponentBackend) => Promise<unknown>): Promise<ComponentBackend> => {
    vi.useFakeTimers();
    const backend = await startComponents();
    await start(backend);
    await finishJobs(backend);
    return backend;
  };

  // `schedule` in crates/isolate/src/environment/udf/async_syscall.rs resolves paths in the component.
  it.each<[string, (backend: ComponentBackend) => Promise<unknown>]>([
    ["by name", ({ mutation }) => mutation("app:call", { name: "schedule", args: { name: "add" } })],
    ["from an action", ({ action }) => action("app:callAction", { name: "scheduleFromAction" })],
    ["and what the app schedules in it", ({ mutation }) => mutation("app:schedule", { name: "add" })],
    ["also by a function handle", ({ mutation }) => mutation("app:ownHandle", { name: "add" })],
  ])("runs in it: %s", async (_, start) => {
    const backend = await run(start);
    const jobs = backend.callsOf("box/lib:add");
    expect(jobs.map(({ parent, outcome }) => [parent, outcome])).toEqual([[undefined, "returned"]]);
    expect((await listBoth(backend)) as unknown[][]).toEqual([[], [expect.any(String)]]);
  });

  // `validate_schedule_args` in crates/udf/src/validation.rs
  it.each<[string, string, Record<string, Value>]>([
    ["by the component", "app:call", { name: "schedule", args: { name: "nothing" } }],
    ["by the app", "app:schedule", { name: "nothing" }],
    ["by a function handle", "app:ownHandle", { name: "nothing" }],
  ])("has to exist: %s", async (_, path, args) => {
    const { mutation } = await startComponents();
    await expect(mutation(path, args)).rejects.toThrow("no exported function nothing found in the file: lib.js");
  });

  it.each(["callBack", "scheduleBack"])("%s reaches the app by a function handle", async (back) => {
    const backend = await run(({ mutation }) => mutation("app:withHandle", { back, text: "called back" }));
    expect(await listBoth(backend)).toEqual([["called back"], []]);
    const parent = back === "callBack" ? backend.callsOf("box/lib:callBack")[0] : undefined;
    expect(backend.callsOf("app:add")[0]?.parent).toBe(parent);
  });
});

describe("a component's mutation in conflict", () => {
  // `_retry_mutation` in application_function_runner/mod.rs
  it("runs again if it was scheduled or called by an action", async () => {
    vi.useFakeTimers();
    const backend = await startComponents();
    backend.conflict("box/lib:add", 2);
    await backend.mutation("app:schedule", { name: "add" });
    await finishJobs(backend);
    expect(backend.callsOf("box/lib:add").map(({ outcome }) => outcome)).toEqual(["conflict", "conflict", "returned"]);
    expect(await listBoth(backend)).toEqual([[], ["from the app"]]);
  });
});

// Tables of components are in namespaces of their own: crates/common/src/components and `TableNamespace` in crates/value.
describe("what a component reads and writes", () => {
  it("is part of its caller's transaction", async () => {
    const { mutation, query, callsOf } = await startComponents();
    await mutation("app:addBoth", { text: "a" });
    await query("app:ask", { name: "list" });
    const [both] = callsOf("app:addBoth");
    expect(both?.writeSet).toMatchObject([
      { componentPath: "", table: "items", after: { text: "a" } },
      { componentPath: "box", table: "items", after: { text: "a" } },
    ]);
    expect(callsOf("box/lib:add")[0]?.writeSet).toHaveLength(1);
    expect(callsOf("app:ask")[0]?.readSet).toMatchObject([{ componentPath: "box", index: "by_creation_time" }]);
  });

  it("has nothing to do with tables of the app that have the same name, and ids", async () => {
    const { mutation, query, calls } = await startComponents();
    await query("app:ask", { name: "list" });
    await mutation("app:add", { text: "a" });
    await mutation("app:call", { name: "add", args: { text: "b" } });
    const [list, , inApp, inBox] = calls;
    if (list === undefined || inApp === undefined || inBox === undefined) throw new Error("Not all have run");
    expect(inApp.writeSet[0]?.id).toBe(inBox.writeSet[0]?.id);
    expect([conflictsWith(list, inApp), conflictsWith(list, inBox)]).toEqual([false, true]);
  });

  it("is its own in an action", async () => {
    const { action, callsOf } = await startComponents();
    await action("app:act", {});
    expect(callsOf("app:act")).toMatchObject([{ readSet: [], writeSet: [] }]);
    expect(callsOf("box/lib:add")).toMatchObject([{ writeSet: [{ componentPath: "box" }] }]);
  });
});

describe("the option components", () => {
  it.each([
    ["a/", "give the name from app.use"],
    ["", "give the name from app.use"],
    ["box/shelf", "components has box/shelf, but not box; add it"],
  ])("refuses the path %j", async (path, message) => {
    await expect(startComponents({ components: { [path]: { dir: boxDir } } })).rejects.toThrow(message);
  });

  it("names what deploy can replace", async () => {
    const { deploy, mutation } = await startComponents();
    await deploy(await bundleConvex(join(boxDir, "shelf")), "box");
    await expect(mutation("app:addBoth", { text: "a" })).rejects.toThrow('module "lib" as `add`');
    await expect(deploy(await bundleConvex(boxDir), "crate")).rejects.toThrow("there is no component crate");
  });

  it("a component that is not given is missing, as in convex-test", async () => {
    const { t, close } = await strictConvex({ dir: fixture("components") });
    await expect(t.mutation(makeFunctionReference<"mutation">("app:addBoth"), { text: "a" })).rejects.toThrow(
      'Component "box" is not registered',
    );
    await close();
  });
});
