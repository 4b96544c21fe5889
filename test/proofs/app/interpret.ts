/** Runs programs: the handlers of all functions of the app. */
import {
  type DataModelFromSchemaDefinition,
  type GenericActionCtx,
  type GenericMutationCtx,
  makeFunctionReference,
} from "convex/server";
import { ConvexError, type GenericId, type Value } from "convex/values";
import { addEvent, setAttributes, withSpan } from "convex-otel";
import type schema from "./convex/schema.js";
import type { Node, Step, StepResult, Thrown } from "./program.js";

type DataModel = DataModelFromSchemaDefinition<typeof schema>;

/** Everything that some function type has on its `ctx`. A program uses what its type has. */
type AnyCtx = Pick<GenericMutationCtx<DataModel>, "db"> &
  Pick<GenericActionCtx<DataModel>, "scheduler" | "runQuery" | "runMutation" | "runAction">;

/** One running handler. */
interface Run {
  readonly ctx: AnyCtx;
  readonly node: Node;
  /** The document that was inserted last. */
  last: GenericId<"items"> | undefined;
}

/** Runs the body of a node as a handler, and gives what came of it. Arguments that nobody gave are an error. */
export async function interpret(ctx: object, args: Record<string, unknown>): Promise<Value> {
  if (Object.keys(args).join() !== "node") throw new Error(`got ${Object.keys(args).join()}`);
  const node = args["node"] as Node;
  const results = await runSteps({ ctx: ctx as AnyCtx, node, last: undefined }, node.body);
  return results as Value;
}

async function runSteps(run: Run, steps: readonly Step[]): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const step of steps) results.push(await runStep(run, step));
  return results;
}

async function runStep(run: Run, step: Step): Promise<StepResult> {
  switch (step.do) {
    case "insert":
    case "collect":
    case "get":
    case "patch":
    case "remove":
      return await useDatabase(run, step);
    case "call":
      return await call(run, step.node, step.catches);
    case "schedule":
      return typeof (await run.ctx.scheduler.runAfter(
        0,
        makeFunctionReference<"mutation", Args>(step.node.fn),
        argsOf(step.node),
      ));
    case "parallel":
      return await inParallel(run, step.branches);
    case "span":
      return await withSpan(step.name, () => runSteps(run, step.body));
    case "note":
      setAttributes({ "app.note": run.node.id });
      addEvent("noted");
      return null;
    case "throw":
      throw thrown(step.error, run.node.id);
    case "sleep":
      await new Promise((resolve) => setTimeout(resolve, 2));
      return null;
    default:
      return observe(step.do, run.node);
  }
}

type DatabaseStep = Extract<Step, { readonly do: "insert" | "collect" | "get" | "patch" | "remove" }>;

async function useDatabase(run: Run, step: DatabaseStep): Promise<StepResult> {
  const { db } = run.ctx;
  if (step.do === "collect") {
    // Its own documents only: what others write at the same time would make results depend on who is first.
    const items = await db
      .query("items")
      .withIndex("by_writer", (q) => q.eq("by", run.node.id))
      .collect();
    return items.map(({ value }) => value);
  }
  if (step.do === "insert") {
    run.last = await db.insert("items", { value: step.value, by: run.node.id });
    return "inserted";
  }
  if (run.last === undefined) return "nothing";
  if (step.do === "get") return (await db.get(run.last))?.value ?? null;
  if (step.do === "patch") await db.patch(run.last, { value: 1000 });
  else {
    await db.delete(run.last);
    run.last = undefined;
  }
  return step.do;
}

async function call(run: Run, node: Node, catches: boolean): Promise<StepResult> {
  const { ctx } = run;
  const args = argsOf(node);
  try {
    if (node.type === "query")
      return await ctx.runQuery(makeFunctionReference<"query", Args, StepResult>(node.fn), args);
    if (node.type === "mutation")
      return await ctx.runMutation(makeFunctionReference<"mutation", Args, StepResult>(node.fn), args);
    return await ctx.runAction(makeFunctionReference<"action", Args, StepResult>(node.fn), args);
  } catch (error) {
    if (!catches) throw error;
    return { caught: describe(error) };
  }
}

async function inParallel(run: Run, branches: readonly (readonly Step[])[]): Promise<StepResult> {
  const settled = await Promise.all(
    branches.map((steps) =>
      // Each branch has a document of its own, or the order of branches would decide what they find.
      runSteps({ ...run, last: undefined }, steps).then(
        (results) => ({ results }),
        (error: unknown) => ({ error }),
      ),
    ),
  );
  for (const branch of settled) if ("error" in branch) throw branch.error;
  return settled.map((branch) => ("results" in branch ? branch.results : null));
}

function thrown(kind: Thrown, by: string): unknown {
  switch (kind) {
    case "error":
      return new Error(`broken by ${by}`);
    case "type":
      return new TypeError(`wrong type in ${by}`);
    case "convex":
      return new ConvexError({ code: "refused", by });
    case "text":
      return `text of ${by}`;
  }
}

/** An error as a caller can tell it from others: class, message, data. */
function describe(error: unknown): StepResult {
  if (!(error instanceof Error)) return { notAnError: String(error) };
  const { name, message } = error;
  const data = error instanceof ConvexError ? JSON.stringify(error.data) : null;
  return { name, message: message.split("\n")[0] ?? "", isConvexError: error instanceof ConvexError, data };
}

function observe(what: "clock" | "random" | "env" | "log", node: Node): StepResult {
  switch (what) {
    case "clock":
      // Frozen or not, it never goes backwards.
      return Date.now() <= Date.now();
    case "random":
      return Math.random() < 1;
    case "env":
      return process.env["APP_SETTING"] ?? null;
    case "log":
      console.log("says", node.id);
      return null;
  }
}

type Args = Record<string, Value>;

function argsOf(node: Node): Args {
  return { node: node as unknown as Value };
}
