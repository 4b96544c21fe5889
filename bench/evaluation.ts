/**
 * What a module costs before its function runs. Convex evaluates a function's modules anew on every call, so this is
 * paid each time: the import, the set-up and ten registrations, in a fresh V8 context each.
 *
 * The package is taken as it is built (`dist/`), by the export that Convex's bundler chooses.
 */
import { setFlagsFromString } from "node:v8";
import { runInContext } from "node:vm";
import { type BundledModules, bundleModules } from "./harness/bundledModules.js";
import { freshContext } from "./harness/freshContext.js";
import { interleave, type Sample } from "./harness/interleave.js";
import { readyModule } from "./harness/moduleRealm.js";
import { duration, exactly, type Row, type Section } from "./harness/report.js";
import { differences, estimate, ratios } from "./harness/statistics.js";

/** What tracing adds to the evaluation of a module, of what the stock OpenTelemetry set-up adds. */
const BUDGET = 0.06;

const TIME = { seconds: 4.5 };

/**
 * What is compiled when the clock starts.
 *
 * - Convex keeps V8's code cache of each module, made when the module has just been compiled and nothing of it has run. So
 *   in an isolate that has not seen a module before, its own statements come from the cache (and functions in
 *   parentheses, which V8 compiles at once); the functions they call are compiled again.
 * - An isolate is used for many calls, for up to an hour, each in a context of its own. V8 remembers the modules it has
 *   compiled there with all their functions that have run, as long as its garbage collector does not flush them: then
 *   only what really runs is left.
 */
type Compilation = "with Convex's code cache" | "all compiled before";

interface Apps {
  readonly stock: BundledModules;
  readonly traced: BundledModules;
  readonly official: BundledModules;
}

export async function evaluationSection(): Promise<Section> {
  const apps: Apps = {
    stock: await bundleModules("apps/stock"),
    traced: await bundleModules("apps/traced"),
    official: await bundleModules("apps/opentelemetry"),
  };
  return {
    title: "Evaluation in a fresh context: import, set-up, ten registrations (ours / OpenTelemetry SDK)",
    rows: [
      ...(await mutationRows(apps, "with Convex's code cache")),
      ...(await mutationRows(apps, "all compiled before")),
      await firstCallRow(apps, "with Convex's code cache"),
      await firstCallRow(apps, "all compiled before"),
      await queryRow(apps),
      bytesRow(apps),
    ],
  };
}

async function mutationRows({ stock, traced, official }: Apps, compilation: Compilation): Promise<Row[]> {
  const times = await interleave(
    {
      stock: evaluation(stock, "tasks", compilation),
      ours: evaluation(traced, "tasks", compilation),
      otel: evaluation(official, "tasks", compilation),
    },
    TIME,
  );
  const [ours, otel] = [differences(times.ours, times.stock), differences(times.otel, times.stock)];
  return [
    {
      what: `what tracing adds, ${compilation}`,
      ratio: estimate(ratios(ours, otel)),
      budget: BUDGET,
      note: `${duration(ours)} / ${duration(otel)}`,
    },
    {
      what: `with Convex's own, ${compilation}`,
      ratio: estimate(ratios(times.ours, times.otel)),
      note: `${duration(times.ours)} / ${duration(times.otel)}; Convex alone ${duration(times.stock)}`,
    },
  ];
}

/** What is loaded only when it is needed is paid by the first call in a context, and Convex makes a context for each. */
async function firstCallRow({ stock, traced, official }: Apps, compilation: Compilation): Promise<Row> {
  const times = await interleave(
    {
      stock: firstCall(stock, compilation),
      ours: firstCall(traced, compilation),
      otel: firstCall(official, compilation),
    },
    TIME,
  );
  const [ours, otel] = [differences(times.ours, times.stock), differences(times.otel, times.stock)];
  return {
    what: `and with one traced mutation, ${compilation}`,
    ratio: estimate(ratios(ours, otel)),
    note: `${duration(ours)} / ${duration(otel)}`,
  };
}

async function queryRow({ stock, traced }: Apps): Promise<Row> {
  const times = await interleave(
    {
      queries: evaluation(stock, "reads", "with Convex's code cache"),
      tracedQueries: evaluation(traced, "reads", "with Convex's code cache"),
      mutations: evaluation(stock, "tasks", "with Convex's code cache"),
      tracedMutations: evaluation(traced, "tasks", "with Convex's code cache"),
    },
    TIME,
  );
  const queries = differences(times.tracedQueries, times.queries);
  const mutations = differences(times.tracedMutations, times.mutations);
  return {
    what: "what tracing adds to ten queries (over ten mutations)",
    ratio: estimate(ratios(queries, mutations)),
    note: `${duration(queries)} / ${duration(mutations)}`,
  };
}

function bytesRow({ stock, traced, official }: Apps): Row {
  const own = stock.bytes("tasks");
  const [ours, otel] = [traced.bytes("tasks") - own, official.bytes("tasks") - own];
  return { what: "bytes that tracing adds", ratio: exactly(ours / otel), note: `${ours} / ${otel}` };
}

/** Times the evaluation of one module. Making the context is not part of it: Convex does that for every call anyway. */
function evaluation(app: BundledModules, module: string, compilation: Compilation): Sample {
  if (compilation === "with Convex's code cache") {
    return async () => {
      const ready = await readyModule(app.bundle, `${module}.js`);
      const start = performance.now();
      await ready.evaluate();
      return ready.compileTime + performance.now() - start;
    };
  }
  return () => {
    const context = freshContext();
    const start = performance.now();
    app.load(module, ({ script }) => script.runInContext(context));
    return performance.now() - start;
  };
}

interface Callable {
  readonly open: { readonly _handler: (ctx: object, args: object) => Promise<unknown> };
}

/** Times the evaluation of a module and one call of a mutation, with an endpoint set and a scheduler that takes all. */
function firstCall(app: BundledModules, compilation: Compilation): Sample {
  const ctx = { scheduler: { runAfter: () => Promise.resolve("job") } };
  const call = (module: object) => (module as Callable).open._handler(ctx, { id: "1" });
  if (compilation === "with Convex's code cache") {
    return async () => {
      const ready = await readyModule(app.bundle, "tasks.js");
      runInContext(SET_ENDPOINT, ready.context);
      const start = performance.now();
      await call(await ready.evaluate());
      return ready.compileTime + performance.now() - start;
    };
  }
  return async () => {
    const context = freshContext();
    runInContext(SET_ENDPOINT, context);
    const start = performance.now();
    await call(app.load("tasks", ({ script }) => script.runInContext(context)));
    return performance.now() - start;
  };
}

const SET_ENDPOINT = 'process.env.OTEL_EXPORTER_OTLP_ENDPOINT = "http://collector:4318"';

// V8 would otherwise remember the texts that it has compiled, which a fresh isolate cannot.
setFlagsFromString("--no-compilation-cache");
