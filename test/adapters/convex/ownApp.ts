/**
 * Apps whose functions are closures of their test, on plain convex-test only: for what Convex's own runtime does not have, such as
 * globals that a test registers in Node.js. Everything else belongs into `apps`, and runs under Convex's rules as well.
 */
import { convexTest } from "convex-test";
import { type HttpRouter, httpRouter } from "convex/server";
import { v } from "convex/values";
import { instrumentConvex, type InstrumentConvexOptions } from "../../../src/adapters/convex/server/index.js";
import { memoryExporter } from "../../../src/testing/index.js";
import { schema, stock } from "./apps/schema.js";

type Otel = ReturnType<typeof instrumentConvex>;
type Functions = Record<string, object>;

/** An app with functions of a test's own, beside `own:target` and `own:plain` that tell their arguments. */
export function ownApp(
  define: (otel: Otel, http: HttpRouter) => Functions,
  options: InstrumentConvexOptions = {},
  testOptions: { transactionLimits?: boolean } = {},
) {
  const exporter = memoryExporter();
  const seen: unknown[] = [];
  const otel = instrumentConvex(stock as never, { exporter, uninstrumented: ["own:plain"], ...options });
  const http = otel.traceHttpRouter(httpRouter());
  const tell = async (_ctx: unknown, args: unknown) => void seen.push(args);
  const own = {
    target: otel.internalMutation({ args: { n: v.optional(v.number()) }, handler: tell }),
    plain: stock.internalMutation({ args: { n: v.optional(v.number()) }, handler: tell }),
    ...define(otel, http),
  };
  const modules = {
    "./convex/_generated/api.js": async () => ({}),
    "./convex/otel.ts": async () => ({ deliver: otel.deliver }),
    "./convex/own.ts": async () => own,
    "./convex/http.ts": async () => ({ default: http }),
  };
  const t = convexTest({ schema, modules, ...testOptions });
  const settle = async () => {
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      await t.finishInProgressScheduledFunctions();
    }
  };
  const jobs = () => t.run((ctx) => ctx.db.system.query("_scheduled_functions").collect());
  return { t, exporter, seen, settle, jobs };
}
