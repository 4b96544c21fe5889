/** Runs a program on a backend of its own, and tells everything about it that can be compared between runs. */
import { setTimeout as sleep } from "node:timers/promises";
import { makeFunctionReference } from "convex/server";
import type { Value } from "convex/values";
import type { ConvexBundle } from "../../src/testing/convexBundle.js";
import {
  strictConvex,
  type StrictBackend,
  type StrictCall,
  type StrictConvex,
} from "../../src/testing/strict/index.js";
import schema from "./app/convex/schema.js";
import type { Node, Program } from "./app/program.js";
import { isBusy, outboxOf } from "./outbox.js";

export type Backend = StrictConvex<typeof schema>;

/** How to run it. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Attempts that mutations lose to conflicts, by path. */
  readonly conflicts?: Readonly<Record<string, number>>;
  /** What the backend lacks. */
  readonly lacking?: StrictBackend;
  /** The component, if the app uses it. */
  readonly outbox?: ConvexBundle | undefined;
}

/** A program that has ended, and the backend it ran on. */
export interface Run {
  readonly backend: Backend;
  /** What the client got: a result, or an error. */
  readonly answer: unknown;
}

/** Runs programs, all at the same time, to the end of everything that they scheduled. Close the backend afterwards. */
export async function runPrograms(
  bundle: ConvexBundle,
  programs: readonly Program[],
  { env = {}, conflicts = {}, lacking = {}, outbox }: RunOptions = {},
): Promise<Run> {
  // Every program has random numbers of its own, and the same ones each time: they make the trace ids that samplers look at.
  const seed = [...JSON.stringify(programs)].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, 7);
  const components = outbox === undefined ? {} : outboxOf(outbox, env);
  const settings = { env: { APP_SETTING: "blue", ...env }, backend: lacking, components };
  const backend = await strictConvex({ bundle, schema, seed, ...settings });
  for (const [path, attempts] of Object.entries(conflicts)) backend.conflict(path, attempts);
  const answers = await Promise.all(programs.map((program) => startProgram(backend, program)));
  await settle(backend, outbox !== undefined);
  return { backend, answer: answers.length === 1 ? answers[0] : answers };
}

/** Runs jobs that other code has left behind, to their end. */
export async function runJobs(bundle: ConvexBundle, jobs: readonly Job[], { env = {} }: RunOptions = {}): Promise<Run> {
  const backend = await strictConvex({ bundle, schema, env: { APP_SETTING: "blue", ...env } });
  await backend.t.run(async ({ scheduler }) => {
    for (const { name, args } of jobs) {
      await scheduler.runAfter(0, makeFunctionReference<"mutation">(name), args[0]);
    }
  });
  await settle(backend);
  return { backend, answer: undefined };
}

async function startProgram({ t }: Backend, { root, isHttp }: Program): Promise<unknown> {
  const args = { node: root as unknown as Value };
  try {
    if (isHttp) {
      const response = await t.fetch("/run", { method: "POST", body: JSON.stringify(root) });
      return { status: response.status, body: await response.json() };
    }
    if (root.type === "query") return await t.query(makeFunctionReference<"query">(root.fn), args);
    if (root.type === "mutation") return await t.mutation(makeFunctionReference<"mutation">(root.fn), args);
    return await t.action(makeFunctionReference<"action">(root.fn), args);
  } catch (error) {
    if (!(error instanceof Error)) return { notAnError: error };
    const data = "data" in error ? error.data : undefined;
    return { class: error.constructor.name, name: error.name, message: error.message, data };
  }
}

/** A job as the platform keeps it. */
export interface Job {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly state: string;
}

export const DELIVER = "otel:deliver";

export async function jobsOf({ t }: Backend): Promise<Job[]> {
  return await t.run(async (ctx) => {
    const documents = await ctx.db.system.query("_scheduled_functions").collect();
    return documents.map(({ name, args, state }) => ({ name, args, state: state.kind }));
  });
}

/** Waits for everything but deliveries that wait for their next attempt. */
async function settle(backend: Backend, hasOutbox = false): Promise<void> {
  for (let round = 0; round < 5_000; round++) {
    if (!(await jobsOf(backend)).some(isOpen) && !(hasOutbox && (await isBusy(backend.t)))) return;
    await sleep(1);
  }
  throw new Error(`Jobs do not end: ${JSON.stringify(await jobsOf(backend))}`);
}

function isOpen({ name, state, args }: Job): boolean {
  if (state !== "pending") return state === "inProgress";
  const [first] = args as readonly { readonly failures?: number }[];
  return name !== DELIVER || first?.failures === 0;
}

/** The node that a call of the app runs; undefined for `deliver` and requests. */
export function nodeOf(call: StrictCall): Node | undefined {
  if (call.argsJson === "") return undefined;
  const { node } = JSON.parse(call.argsJson) as { readonly node?: Node };
  return node;
}
