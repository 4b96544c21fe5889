/**
 * What an instrumented function costs beside the stock one, on convex-test. One app has all variants, so that they share
 * a database; each call is timed alone, and what it scheduled has run before the next.
 *
 * The library is the built package, as an app installs it.
 */
import { createRequire } from "node:module";
import { convexTest } from "convex-test";
import {
  actionGeneric,
  defineSchema,
  defineTable,
  type GenericDataModel,
  httpActionGeneric,
  internalActionGeneric,
  internalMutationGeneric,
  internalQueryGeneric,
  makeFunctionReference,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { v } from "convex/values";
import type * as convexEntry from "../src/adapters/convex/server/index.js";
import type { ServerBuilders } from "../src/adapters/convex/server/index.js";
import type { Exporter } from "../src/core/ports.js";
import type * as mainEntry from "../src/index.js";
import { interleave, type Sample } from "./harness/interleave.js";
import { duration, type Row, type Section } from "./harness/report.js";
import { differences, estimate, ratios } from "./harness/statistics.js";

/**
 * The variants: stock twice, since the difference of the two is what this machine cannot measure; instrumented without a
 * way out (nothing is recorded) and with one; and stock code that does by hand what delivery has to do in any case:
 * schedule one function from a mutation, nothing elsewhere.
 */
const VARIANTS = ["stock", "control", "silent", "traced", "handing"] as const;
type Variant = (typeof VARIANTS)[number];

type Kind = "query" | "mutation" | "action";

const TIME = { seconds: 2.5, minRounds: 100 };

/** So many calls of each variant share a database: what convex-test keeps of finished jobs slows it down. */
const CALLS_PER_DATABASE = 100;

/** Characters of the text of a call with one span. */
const USUAL_TEXT_LENGTH = 1_000;

const schema = defineSchema({ tasks: defineTable({ title: v.string() }) });

const server = {
  query: queryGeneric,
  internalQuery: internalQueryGeneric,
  mutation: mutationGeneric,
  internalMutation: internalMutationGeneric,
  action: actionGeneric,
  internalAction: internalActionGeneric,
  httpAction: httpActionGeneric,
} as ServerBuilders<GenericDataModel>;

/** Keeps nothing: what a backend does with spans is not what is measured. */
const exporter: Exporter = {
  name: "bench",
  isConfigured: () => true,
  send: () => Promise.resolve({ outcome: "delivered", rejectedSpans: 0 }),
};

export async function wrapperSection(): Promise<Section> {
  const modules = appModules();
  const rows: Row[] = [];
  for (const kind of ["query", "mutation", "action"] as const) rows.push(...(await kindRows(modules, kind)));
  return { title: "A whole call on convex-test (instrumented / stock)", rows };
}

async function kindRows(modules: AppModules, kind: Kind): Promise<Row[]> {
  const times = await interleave(calls(modules, kind), TIME);
  const control = estimate(ratios(times.control, times.stock));
  // "Not measurable": no further from stock than stock is from itself.
  const budget = Math.max(control.high, 1 / control.low);
  const row = (what: string, series: readonly number[]): Row => ({
    what,
    ratio: estimate(ratios(series, times.stock)),
    budget,
    note: `${duration(series)} / ${duration(times.stock)}, difference ${duration(differences(series, times.stock))}`,
  });
  const rows = [
    { ...row(`${kind}: stock against itself`, times.control), budget: undefined },
    row(`${kind}, no exporter`, times.silent),
    row(`${kind}, exporter`, times.traced),
  ];
  if (kind !== "mutation") return rows;
  return [...rows, { ...row("mutation: stock that schedules a function", times.handing), budget: undefined }];
}

type AppModules = Record<string, () => Promise<unknown>>;
type App = ReturnType<typeof convexTest>;

function calls(modules: AppModules, kind: Kind): Record<Variant, Sample> {
  let app = convexTest(schema, modules);
  let count = 0;
  const call = (variant: Variant) => async () => {
    if (++count % (CALLS_PER_DATABASE * VARIANTS.length) === 0) app = convexTest(schema, modules);
    const start = performance.now();
    await run(app, kind, variant);
    const time = performance.now() - start;
    await settle(app);
    return time;
  };
  return Object.fromEntries(VARIANTS.map((variant) => [variant, call(variant)])) as Record<Variant, Sample>;
}

function run(app: App, kind: Kind, variant: Variant): Promise<unknown> {
  const path = `${variant}:${kind}`;
  const args = { title: "call back" };
  if (kind === "query") return app.query(makeFunctionReference<"query">(path), args);
  if (kind === "mutation") return app.mutation(makeFunctionReference<"mutation">(path), args);
  return app.action(makeFunctionReference<"action">(path), args);
}

/** Lets what was scheduled start, and waits for its end. */
async function settle(app: App): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  await app.finishInProgressScheduledFunctions();
}

function appModules(): AppModules {
  const { instrumentConvex } = builtPackage("convex-otel/convex") as typeof convexEntry;
  const { withSpan } = builtPackage("convex-otel") as typeof mainEntry;
  const service = { name: "bench" };
  const silent = instrumentConvex(server, { service });
  const traced = instrumentConvex(server, { service, exporter });
  const inSpan: Work = (work) => withSpan("work", work);
  const modules = {
    "_generated/api": {},
    stock: functions(server, (work) => work()),
    control: functions(server, (work) => work()),
    silent: functions(silent, inSpan),
    traced: functions(traced, inSpan),
    handing: { ...functions(server, (work) => work()), mutation: schedulingMutation() },
    otel: { deliver: traced.deliver },
  };
  return Object.fromEntries(
    Object.entries(modules).map(([name, module]) => [`./convex/${name}.ts`, () => Promise.resolve(module)]),
  );
}

/** The stock mutation with a delivery of its own: one function scheduled with a text of the usual size. */
function schedulingMutation(): unknown {
  const deliver = makeFunctionReference<"action">("otel:deliver");
  const texts = ["x".repeat(USUAL_TEXT_LENGTH)];
  return server.mutation({
    args: { title: v.string() },
    handler: async (ctx, { title }) => {
      await ctx.scheduler.runAfter(0, deliver, { texts, failures: 0 });
      return title.length;
    },
  });
}

const require = createRequire(import.meta.url);

/** An entry of the package, as an app would load it. By `require`: the loader that runs this file slows `import()` down. */
function builtPackage(subpath: string): unknown {
  try {
    return require(subpath);
  } catch (cause) {
    throw new Error(`${subpath} cannot be loaded: run "npm run build" first.`, { cause });
  }
}

type Work = (work: () => Promise<string>) => Promise<string>;
type Builders = Pick<ServerBuilders<GenericDataModel>, Kind>;

/** The three functions: as little as they can do, so that nothing hides what tracing costs. */
function functions({ query, mutation, action }: Builders, inSpan: Work): Record<Kind, unknown> {
  const args = { title: v.string() };
  return {
    query: query({ args, handler: async (_ctx, { title }) => title.length }),
    mutation: mutation({ args, handler: async (_ctx, { title }) => title.length }),
    action: action({ args, handler: async (_ctx, { title }) => await inSpan(async () => title) }),
  };
}
