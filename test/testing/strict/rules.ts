/** The app of the tests of the strict runtime, one backend for each test. */
import { fileURLToPath } from "node:url";
import { makeFunctionReference } from "convex/server";
import type { Value } from "convex/values";
import { afterEach, vi } from "vitest";
import { bundleConvex, type ConvexBundle } from "../../../src/testing/convexBundle.js";
import type { StrictConvexBaseOptions } from "../../../src/testing/strict/options.js";
import { strictConvex, type StrictConvex } from "../../../src/testing/strict/index.js";
import type { GenericSchema, SchemaDefinition } from "convex/server";
import schema from "./fixtures/rules/convex/schema.js";

export type Options = Omit<StrictConvexBaseOptions<GenericSchema, boolean>, "schema">;

export type Backend = StrictConvex<SchemaDefinition<GenericSchema, boolean>>;

export const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}/convex`, import.meta.url));

let bundle: Promise<ConvexBundle> | undefined;
const open: Backend[] = [];

/** Starts the app. It is closed after the test. */
export async function startRules(options: Options = {}): Promise<Backend & Runners> {
  bundle ??= bundleConvex(fixture("rules"));
  const backend: Backend = await strictConvex({ ...options, bundle: await bundle, schema });
  closeAfterTest(backend);
  return { ...backend, ...runners(backend) };
}

/** Closes it when the test is over. */
export function closeAfterTest(backend: Backend): void {
  open.push(backend);
}

/** Calls by name. */
export interface Runners {
  query(path: string, args?: Record<string, Value>): Promise<unknown>;
  mutation(path: string, args?: Record<string, Value>): Promise<unknown>;
  action(path: string, args?: Record<string, Value>): Promise<unknown>;
}

/** Its functions, by name. */
export function runners({ t }: Backend): Runners {
  return {
    query: (path, args = {}) => t.query(makeFunctionReference<"query">(path), args),
    mutation: (path, args = {}) => t.mutation(makeFunctionReference<"mutation">(path), args),
    action: (path, args = {}) => t.action(makeFunctionReference<"action">(path), args),
  };
}

/** Runs what is scheduled, on fake timers. */
export async function finishJobs({ t }: Backend): Promise<void> {
  await t.finishAllScheduledFunctions(vi.runAllTimers);
}

afterEach(async () => {
  vi.useRealTimers();
  for (const backend of open.splice(0)) await backend.close();
});
