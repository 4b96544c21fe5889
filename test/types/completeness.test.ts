/** The type check of `otel.ts`: one error that names what is neither instrumented nor listed. */
import path from "node:path";

import { beforeAll, describe, expect, test } from "vitest";

import { type CompileError, compileErrors, type Files, instantiations } from "./compileApp.js";

const SERVER = JSON.stringify(path.resolve(import.meta.dirname, "../../src/adapters/convex/server/index.js"));

const EXPECTED =
  '"only mutations and actions that are built with ./otel or listed in `uninstrumented` (all names: npx convex-otel check)"';

/** The set-up of an app, as its user writes it, with a list. */
function otel(list: string): string {
  return `import { type Complete, type Instrumented, instrumentConvex } from ${SERVER};
import type { api, internal } from "./_generated/api";
import * as server from "./_generated/server";

const uninstrumented${list};
export const { query, mutation, action, internalQuery, internalMutation, internalAction, httpAction, deliver } =
  instrumentConvex(server, { uninstrumented });
({}) as Instrumented<typeof api | typeof internal, typeof uninstrumented> satisfies Complete;
`;
}

const APP: Files = {
  "convex/auth.ts": `import { mutation, query } from "./_generated/server";
    export const signIn = mutation({ handler: async () => 1 });
    export const me = query({ handler: async () => 1 });
    export default mutation({ handler: async () => 1 });`,
  "convex/admin/users.ts": `import { internalAction } from "../_generated/server";
    import { mutation } from "../otel";
    export const purge = internalAction({ handler: async () => 1 });
    export const ban = mutation({ handler: async () => 1 });`,
  "convex/custom.ts": `import { customCtx, customMutation } from "convex-helpers/server/customFunctions";
    import * as stock from "./_generated/server";
    import * as traced from "./otel";
    export const seen = customMutation(traced.mutation, customCtx(() => ({})))({ args: {}, handler: async () => 1 });
    export const unseen = customMutation(stock.mutation, customCtx(() => ({})))({ args: {}, handler: async () => 1 });`,
  "convex/reexport.ts": `export { purge as again } from "./admin/users";`,
  // Not in the api type at all: this is for the command line check.
  "convex/loose.ts": `import { internalMutation } from "./_generated/server";
    export const cast: any = internalMutation({ handler: async () => 1 });`,
};

const ALL = ["admin/users:purge", "auth", "auth:signIn", "custom:unseen", "reexport:again"];

/** Lists, and what the error names with each of them; nothing where there is no error. */
const LISTS: readonly (readonly [list: readonly string[], missing: readonly string[]])[] = [
  [[], ALL],
  [["auth:signIn"], ALL.filter((name) => name !== "auth:signIn")],
  [
    ["auth:*", "admin/*"],
    ["custom:unseen", "reexport:again"],
  ],
  [
    ["admin/users:*", "auth", "custom:*"],
    ["auth:signIn", "reexport:again"],
  ],
  [["reexport:again", "custom:seen", "gone:*"], ALL.filter((name) => name !== "reexport:again")],
  [["*"], []],
  [["a*", "custom:*", "reexport:again"], []],
];

describe("the error", () => {
  let errors: readonly CompileError[];
  const checks = LISTS.map(
    ([list]) =>
      `({}) as Instrumented<typeof api | typeof internal, readonly ${JSON.stringify(list)}> satisfies Complete;`,
  );
  const set = otel(' = ["auth:*", "custom:*", "reexport:*"] as const');
  const plain = "({}) as Instrumented<typeof api, string[]> satisfies Complete;";
  beforeAll(() => {
    errors = compileErrors({ ...APP, "convex/otel.ts": [set + checks.join("\n"), plain].join("\n") }, "traced");
  }, 60_000);

  test("reads like this, in an app's own otel.ts", () => {
    const line = set.split("\n").findIndex((text) => text.startsWith("({})")) + 1;
    expect(errors[0]).toMatchObject({ at: `convex/otel.ts:${line}:75`, code: 1360 });
    expect(errors[0]?.chain).toBe(`Type '"admin/users:purge"' does not satisfy the expected type '${EXPECTED}'.`);
  });

  test.each(LISTS.map(([list, missing], at) => [list, missing, at] as const))(
    "with the list %j names %j",
    (_, missing, at) => {
      const line = set.split("\n").length + at;
      const found = errors.filter((error) => error.line === `convex/otel.ts:${line} error TS1360`);
      const names = found.map(({ chain }) => /^Type '"(.*)"' does not satisfy/.exec(chain)?.[1]?.split(", ").sort());
      expect(names).toEqual(missing.length === 0 ? [] : [missing]);
    },
  );

  test("says so where the compiler cannot see the list", () => {
    expect(errors.at(-1)?.chain).toContain("declare the list `as const`");
  });

  test("is the only one", () => {
    expect(errors.every(({ code }) => code === 1360)).toBe(true);
    expect(errors).toHaveLength(LISTS.filter(([, missing]) => missing.length > 0).length + 2);
  });
});

/** An app of modules with ten functions each, every one of which schedules another. */
function large(modules: number, builders: "./otel" | "./_generated/server"): Files {
  const kinds = ["mutation", "internalMutation", "action", "internalAction", "query"];
  const scheduling = (module: number, at: number): string =>
    `await ctx.scheduler.runAfter(0, ${["internal", "api"][at % 2]}.module${(module + 1) % modules}.function${(at + 1) % 4}, args)`;
  const text = (module: number): string[] =>
    Array.from(
      { length: 10 },
      (_, at) => `export const function${at} = ${kinds[at % 5]}({
        args: { id: v.optional(v.id("items")), name: v.string() },
        handler: async (ctx, args): Promise<unknown> => ${at % 5 === 4 ? "args" : scheduling(module, at % 5)},
      });`,
    );
  const imports = `import { v } from "convex/values"; import { api, internal } from "./_generated/api";
    import { ${kinds.join(", ")} } from "${builders}";`;
  const schema = `import { defineSchema, defineTable } from "convex/server"; import { v } from "convex/values";
    export default defineSchema({ items: defineTable({ name: v.string() }) });`;
  const files = Array.from(
    { length: modules },
    (_, at) => [`convex/module${at}.ts`, [imports, ...text(at)].join("\n")] as const,
  );
  return { "convex/schema.ts": schema, ...Object.fromEntries(files) };
}

describe("a large app", { timeout: 60_000 }, () => {
  test("is checked at little cost", () => {
    const app = large(6, "./otel");
    const unchecked = instantiations(app, "traced");
    const checked = instantiations({ ...app, "convex/otel.ts": otel(" = [] as const") }, "traced");
    expect(checked / unchecked).toBeLessThan(1.15);
  });

  test("with 48 missing functions names as many as TypeScript prints", () => {
    const app = { ...large(6, "./_generated/server"), "convex/otel.ts": otel(" = [] as const") };
    const [error] = compileErrors(app, "traced");
    expect(error?.chain.match(/module\d+:function/g)?.length).toBeGreaterThanOrEqual(14);
  });
});
