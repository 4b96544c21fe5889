/**
 * Apps whose functions call each other at random, without return types. TypeScript gives up on cycles (TS7022, TS7023),
 * and where it does depends on how much of a builder's type it has to resolve: a mark that costs one step more shows up
 * as an error in another place.
 */
import fc from "fast-check";

import type { Files } from "./compileApp.js";

const MODULES = 3;
const FUNCTIONS = 5;

const BUILDERS = ["mutation", "internalMutation", "action", "internalAction", "query"] as const;

/** An app of 15 functions, always the same one for a seed. */
export function callGraph(seed: number): Files {
  const count = MODULES * FUNCTIONS;
  const node = fc.record({
    builder: fc.constantFrom(...BUILDERS),
    calls: fc.array(fc.nat(count - 1), { minLength: 1, maxLength: 2 }),
  });
  const nodes = fc.sample(fc.array(node, { minLength: count, maxLength: count }), { seed, numRuns: 1 })[0] ?? [];
  const kinds = nodes.map(({ builder }) => builder);
  const texts = nodes.map(({ builder, calls }, at) => functionText(at, builder, calls, kinds));
  return Object.fromEntries(
    Array.from({ length: MODULES }, (_, module) => [
      `convex/module${module}.ts`,
      [IMPORTS, ...texts.slice(module * FUNCTIONS, (module + 1) * FUNCTIONS)].join("\n"),
    ]),
  );
}

const IMPORTS = `import { api, internal } from "./_generated/api";
import { action, internalAction, internalMutation, mutation, query } from "./otel";`;

type Builder = (typeof BUILDERS)[number];

function functionText(at: number, builder: Builder, calls: readonly number[], kinds: readonly Builder[]): string {
  const lines = calls.map((target, n) => `    const r${n} = ${callText(builder, target, kinds[target] ?? "query")};`);
  return `export const f${at} = ${builder}({
  args: {},
  handler: async (ctx) => {
${lines.join("\n")}
    return r${calls.length - 1};
  },
});`;
}

// Queries call queries, mutations schedule actions, actions call all.
function callText(caller: Builder, target: number, kind: Builder): string {
  const root = kind.startsWith("internal") ? "internal" : "api";
  const reference = `${root}.module${Math.floor(target / FUNCTIONS)}.f${target}`;
  if (kind === "query") return `await ctx.runQuery(${reference}, {})`;
  if (caller === "query") return "1";
  const isAction = kind.toLowerCase().includes("action");
  if (!isAction) return `await ctx.runMutation(${reference}, {})`;
  return caller.toLowerCase().includes("action")
    ? `await ctx.runAction(${reference}, {})`
    : `await ctx.scheduler.runAfter(0, ${reference}, {})`;
}
