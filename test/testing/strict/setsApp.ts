/** The app of the tests of read and write sets. */
import type { Value } from "convex/values";
import { bundleConvex } from "../../../src/testing/convexBundle.js";
import { type StrictCall, strictConvex } from "../../../src/testing/strict/index.js";
import schema from "./fixtures/sets/convex/schema.js";
import { type Backend, fixture, type Runners, runners } from "./rules.js";

const bundle = bundleConvex(fixture("sets"));

/** A backend with tasks in it: by what they are called, their ids. */
export type SetsBackend = Backend & Runners & { readonly ids: Readonly<Record<"a" | "b" | "c", string>> };

/** Starts one, for the caller to close. In it are `a` and `b`, pending, due at 1 and 2, and `c`, done, due at 3. */
export async function startSets(): Promise<SetsBackend> {
  const started = await strictConvex({ bundle: await bundle, schema });
  const backend: Backend = started;
  const run = runners(backend);
  const add = async (text: string, status: string, due: number): Promise<string> =>
    String(await run.mutation("tasks:insert", { text, status, due }));
  const ids = { a: await add("a", "pending", 1), b: await add("b", "pending", 2), c: await add("c", "done", 3) };
  return { ...backend, ...run, ids };
}

/** Runs a mutation, and gives the call. */
export async function ran(backend: SetsBackend, name: string, args: Record<string, Value> = {}): Promise<StrictCall> {
  const path = `tasks:${name}`;
  await backend.mutation(path, args);
  const call = backend.callsOf(path).at(-1);
  if (call === undefined) throw new Error(`${path} did not run`);
  return call;
}
