/** The `ctx` a traced handler gets, and the way back to Convex's own. */
import type { TracedCall } from "./tracedCall.js";
import { type CalleeType, type CtxMethod, tracedRun } from "./tracedCalls.js";
import { traceDb } from "./traceDb.js";
import { type SchedulerMethods, tracedScheduler } from "./tracedScheduler.js";

/** Members of `ctx` that are traced, as far as a function type has them. */
interface TracedMembers {
  scheduler?: SchedulerMethods;
  db?: object;
  runQuery?: CtxMethod;
  runMutation?: CtxMethod;
  runAction?: CtxMethod;
}

const MEMBERS = ["scheduler", "db", "runQuery", "runMutation", "runAction"] as const;

/** From each traced member to Convex's own. Kept by member, not by `ctx`: custom functions copy `ctx`. */
const originals = new WeakMap<object, object>();

/** A `ctx` and what must be finished when the call ends. */
export interface TracedContext<Ctx> {
  readonly ctx: Ctx;
  finish(): void;
}

/** Copies `ctx` with its members traced. All others stay Convex's own objects. */
export function tracedContext<Ctx extends object>(
  call: TracedCall,
  ctx: Ctx,
  type: "mutation" | "action",
): TracedContext<Ctx> {
  const own: Ctx & TracedMembers = { ...ctx };
  // Mocks have what they have, also `null`: what is not there is left alone.
  if (own.scheduler != null) own.scheduler = remember(tracedScheduler(call, own.scheduler), own.scheduler);
  // Only mutations: an action has no database, and a query records nothing.
  const database = own.db == null ? undefined : { own: own.db, ...traceDb(call, own.db) };
  if (database !== undefined) own.db = remember(database.db, database.own);
  for (const [member, callee] of RUN_MEMBERS) {
    const original = own[member];
    if (typeof original === "function") own[member] = remember(tracedRun(call, original, callee, type), original);
  }
  return { ctx: own, finish: () => database?.finish() };
}

const RUN_MEMBERS: ReadonlyArray<readonly ["runQuery" | "runMutation" | "runAction", CalleeType]> = [
  ["runQuery", "query"],
  ["runMutation", "mutation"],
  ["runAction", "action"],
];

/** Whether a `ctx` is one of ours, or was made from one. */
export function isTracedContext(ctx: object): boolean {
  return MEMBERS.some((member) => originalOf(Reflect.get(ctx, member)) !== undefined);
}

function originalOf(member: unknown): object | undefined {
  const isObject = typeof member === "function" || (typeof member === "object" && member !== null);
  return isObject ? originals.get(member) : undefined;
}

function remember<T extends object>(traced: T, original: object): T {
  originals.set(traced, original);
  return traced;
}

/**
 * The same context without tracing: calls made through it have no spans and give no carrier. For callees that must get
 * exactly the arguments written, and for hot loops.
 *
 * @returns a copy of `ctx`; `ctx` itself is not changed. Works on contexts that custom functions have extended.
 * @example
 * ```ts
 * import { untraced } from "convex-otel/convex";
 * import { type GenericActionCtx, type GenericDataModel, makeFunctionReference } from "convex/server";
 *
 * const write = makeFunctionReference<"mutation">("legacy:write");
 * export async function callPlain(ctx: GenericActionCtx<GenericDataModel>) {
 *   await untraced(ctx).runMutation(write, {});
 * }
 * ```
 */
export function untraced<Ctx extends object>(ctx: Ctx): Ctx {
  const copy = { ...ctx };
  for (const member of MEMBERS) {
    const original = originalOf(Reflect.get(copy, member));
    if (original !== undefined) Reflect.set(copy, member, original);
  }
  return copy;
}
