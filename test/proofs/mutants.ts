/**
 * The library, broken on purpose: each mutant is one mistake that could be made in it, and that the proofs have to notice. A
 * mutant whose place in the source is gone fails its test, so that none of them is kept for show.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Plugin } from "esbuild";
import type { Variant } from "./variants.js";

/** A mistake. */
export interface Mutant {
  readonly name: string;
  /** A file of `src`. */
  readonly file: string;
  readonly replace: string;
  readonly by: string;
  /** The proof that has to fail. */
  readonly against: "inert" | "true";
  /** The app to try it with. @defaultValue `traced` */
  readonly variant?: Variant;
}

const server = (file: string): string => `adapters/convex/server/${file}`;

export const MUTANTS: readonly Mutant[] = [
  {
    name: "a query reads the clock",
    file: server("instrumentConvex.ts"),
    replace: "query: server.query,",
    by: "query: (def) => server.query({ ...def, handler: (...given) => (Date.now(), def.handler(...given)) }),",
    against: "inert",
  },
  {
    name: "a query reads the environment",
    file: server("instrumentConvex.ts"),
    replace: "query: server.query,",
    by: "query: (def) => server.query({ ...def, handler: (...given) => (process.env.OTEL_X, def.handler(...given)) }),",
    against: "inert",
  },
  {
    name: "a query draws a random number",
    file: server("instrumentConvex.ts"),
    replace: "query: server.query,",
    by: "query: (def) => server.query({ ...def, handler: (...given) => (Math.random(), def.handler(...given)) }),",
    against: "inert",
  },
  {
    name: "a query gets a carrier",
    file: server("tracedCalls.ts"),
    replace: 'type === "query" ? given : handOn(',
    by: "handOn(",
    against: "inert",
  },
  {
    name: "a carrier goes to functions that are listed as uninstrumented",
    file: server("tracedCall.ts"),
    replace: "return !this.#uninstrumented.some(",
    by: "return true || !this.#uninstrumented.some(",
    against: "inert",
  },
  {
    name: "the handler sees the carrier",
    file: server("runCall.ts"),
    replace: "handler(tracedCtx, own)",
    by: "handler(tracedCtx, args)",
    against: "inert",
  },
  {
    name: "an error is swallowed",
    file: server("runCall.ts"),
    replace: "    throw thrown;\n",
    by: "    return null;\n",
    against: "inert",
  },
  {
    name: "an error is replaced",
    file: server("runCall.ts"),
    replace: "    throw thrown;\n",
    by: "    throw new Error(String(thrown));\n",
    against: "inert",
  },
  {
    name: "a result is lost",
    file: server("runCall.ts"),
    replace: "  return result;\n",
    by: "  return null;\n",
    against: "inert",
  },
  {
    name: "a mutation prints a line",
    file: server("delivery.ts"),
    replace: "  if (isRolledBack) {",
    by: '  console.log("traced");\n  if (isRolledBack) {',
    against: "inert",
  },
  {
    name: "a random number is drawn while modules are loaded",
    file: server("instrumentConvex.ts"),
    replace: "const PUBLIC_MUTATION: ",
    by: "globalThis.drawn = Math.random();\nconst PUBLIC_MUTATION: ",
    against: "inert",
  },
  {
    name: "an operation is done twice",
    file: server("dbSpans.ts"),
    replace: "const result = fn();",
    by: "void fn().catch(() => undefined);\n    const result = fn();",
    against: "inert",
  },
  {
    name: "spans are sent without waiting",
    file: server("endCall.ts"),
    replace: "await handOver(",
    by: "void handOver(",
    against: "true",
  },
  {
    name: "callees are given no parent",
    file: server("handOn.ts"),
    replace: "return carrier === undefined ? given :",
    by: "return true ? given :",
    against: "true",
  },
  {
    name: "a call inside of a transaction has a span of its own",
    file: "core/plan.ts",
    replace: '? "elide" : "keep"',
    by: '? "keep" : "keep"',
    against: "true",
  },
  {
    name: "a function that throws looks fine",
    file: server("endCall.ts"),
    replace: "if (!outcome.ok) recordError(",
    by: "if (false) recordError(",
    against: "true",
  },
  {
    name: "a call that throws looks fine to its caller",
    file: "core/api.ts",
    replace: "end(span, () => recordError(thrown, span));\n    throw thrown;",
    by: "end(span, () => undefined);\n    throw thrown;",
    against: "true",
  },
  {
    name: "spans are delivered twice",
    file: server("delivery.ts"),
    replace: "const args = { texts: [text], failures: 0 }",
    by: "const args = { texts: [text, text], failures: 0 }",
    against: "true",
  },
  {
    name: "a scheduled run looks like a call",
    file: server("entrySpan.ts"),
    replace: 'trigger === "scheduled" ? "consumer"',
    by: 'trigger === "scheduled" ? "server"',
    against: "true",
  },
  {
    name: "time stands still in mutations",
    file: server("platform.ts"),
    replace: "return () => performance.now() - start;",
    by: "return undefined;",
    against: "true",
  },
  {
    name: "time runs twice as fast",
    file: server("platform.ts"),
    replace: "return () => performance.now() - start;",
    by: "return () => 2 * (performance.now() - start);",
    against: "true",
  },
  {
    name: "the clock of a nested mutation is left where Convex starts it",
    file: server("platform.ts"),
    replace: "const correction = notBefore === undefined ? 0",
    by: "const correction = true ? 0",
    against: "true",
  },
  {
    name: "hops are not counted",
    file: server("tracedCall.ts"),
    replace: '(edge === "scheduled" ? 1 : 0)',
    by: "0",
    against: "true",
    variant: "shortTraces",
  },
  {
    name: "a trace that was cut has no link to the one before",
    file: "core/plan.ts",
    replace: "traceId, links: [{ context: caller }]",
    by: "traceId, links: []",
    against: "true",
    variant: "shortTraces",
  },
  {
    name: "a function that is not recorded hands on a context of its own",
    file: "core/plan.ts",
    replace: '{ mode: "pass", context: caller, ...originOf(arrival) }',
    by: '{ mode: "pass", context: { ...caller, spanId: newSpanId(random) }, ...originOf(arrival) }',
    against: "true",
    variant: "oneOff",
  },
  {
    name: "what is in the outbox is delivered without it, too",
    file: server("delivery.ts"),
    replace: "{ text, more })) === true) return;",
    by: "{ text, more })) === true) await scheduleDelivery(ctx, config, args);",
    against: "true",
    variant: "outbox",
  },
  {
    name: "nobody is woken for what is in the outbox",
    file: "component/enqueue.ts",
    replace: "if (!isAwake) await",
    by: "if (isAwake) await",
    against: "true",
    variant: "outbox",
  },
  {
    name: "the outbox forgets one text of a request",
    file: "component/sendBatch.ts",
    replace: "const bodies = pieces.map(",
    by: "const bodies = pieces.slice(1).map(",
    against: "true",
    variant: "outbox",
  },
  {
    name: "the outbox sends a text twice in one request",
    file: "component/sendBatch.ts",
    replace: "const bodies = pieces.map(",
    by: "const bodies = [...pieces, ...pieces].map(",
    against: "true",
    variant: "outbox",
  },
  {
    name: "the spans of actions go past the outbox",
    file: server("delivery.ts"),
    replace: "if (outbox && ",
    by: 'if (outbox && shape.type !== "action" && ',
    against: "true",
    variant: "outbox",
  },
];

/** Makes the mistake while the app is bundled. */
export function mutation({ file, replace, by }: Mutant): Plugin {
  const path = resolve(import.meta.dirname, "../../src", file);
  const source = readFileSync(path, "utf8");
  const at = source.lastIndexOf(replace);
  if (at < 0) throw new Error(`${file} has no ${JSON.stringify(replace)} any more: write the mutant anew`);
  const contents = source.slice(0, at) + by + source.slice(at + replace.length);
  return {
    name: "mutant",
    setup: (setup) =>
      setup.onLoad({ filter: /\.ts$/ }, (args) => (args.path === path ? { contents, loader: "ts" } : undefined)),
  };
}
