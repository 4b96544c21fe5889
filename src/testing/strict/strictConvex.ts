/**
 * A Convex runtime for tests that forgives nothing which a deployment punishes. The database is convex-test's; what runs is
 * the bundle that would be deployed, evaluated anew for every call, with Convex's globals only.
 */
import type { GenericSchema, SchemaDefinition } from "convex/server";
import { convexTest, type TestConvex } from "convex-test";

import { bundleConvex, type ConvexBundle } from "../convexBundle.js";

import { compileBundle } from "./compile.js";
import { checkConvexTest } from "./convexTestVersion.js";
import { DeployedModules } from "./deployedModules.js";
import { type StrictConvexOptions, strictSettings } from "./options.js";
import { listenForRejections } from "./rejections.js";
import { StrictRuntime } from "./runtime.js";
import type { StrictCall } from "./types.js";

/** A running backend. */
export interface StrictConvex<Schema extends SchemaDefinition<GenericSchema, boolean>> {
  /** Calls functions, as an instance of convex-test. What is passed to `t.run` and the like runs outside of the rules. */
  readonly t: TestConvex<Schema>;
  /** All calls so far, nested and scheduled ones too, in the order in which they started. */
  readonly calls: readonly StrictCall[];
  /** The calls of one function, by its path (`dir/mod:fn`); of HTTP actions, by method and path of the request. */
  callsOf(path: string): readonly StrictCall[];
  /**
   * Lets the next run of a mutation lose so many attempts to conflicts: what they did is discarded, and it runs again with the
   * same arguments. After five attempts it fails, unless it was scheduled. For mutations of the app, not of components.
   *
   * @param attempts - A natural number. @defaultValue 1
   * @throws TypeError if it is none.
   */
  conflict(path: string, attempts?: number): void;
  /**
   * Deploys other functions in place of the app's, while the database and scheduled jobs stay: what an update, or a way back
   * from one, does to jobs that are pending. Calls that are under way end as they began.
   *
   * @throws ConvexBundleError if it has modules that were not there before, or one cannot be evaluated.
   */
  deploy(bundle: ConvexBundle): Promise<void>;
  /**
   * Ends what still runs, keeps jobs that are still due from running, and stops listening for unhandled rejections. Call it when
   * the test is over; it can be called again.
   */
  close(): Promise<void>;
}

/**
 * Starts a strict backend.
 *
 * @throws ConvexBundleError if the app could not be deployed: it does not bundle, or a module cannot be evaluated.
 * @throws TypeError if an option is wrong.
 * @throws Error if the app's convex-test is older than 0.0.60.
 *
 * @example
 * ```ts
 * import { strictConvex } from "convex-otel/testing/strict";
 * import { api } from "../convex/_generated/api";
 * import schema from "../convex/schema";
 *
 * const { t, callsOf, close } = await strictConvex({ dir: "convex", schema, env: { API_KEY: "test" } });
 * await t.query(api.tasks.list, { status: "pending" });
 * console.log(callsOf("tasks:list")[0]?.observedTime); // false: cached until a task changes
 * await close();
 * ```
 */
export async function strictConvex<Schema extends GenericSchema = GenericSchema, Strict extends boolean = boolean>(
  options: StrictConvexOptions<Schema, Strict>,
): Promise<StrictConvex<SchemaDefinition<Schema, Strict>>> {
  const settings = strictSettings(options);
  const bundle = await bundleOf(options);
  checkConvexTest(bundle.dir);
  const runtime = new StrictRuntime(bundle, await compileBundle(bundle), settings);
  const stopListening = listenForRejections();
  const close = (): Promise<void> => {
    runtime.close();
    return stopListening();
  };
  try {
    const deployed = new DeployedModules(runtime);
    const modules = { ...deployed.map, ...options.modules };
    for (const path of Object.keys(options.modules ?? {})) runtime.exports.set(moduleName(path), "unknown");
    const { schema, transactionLimits = true } = options;
    const t = convexTest({ ...(schema === undefined ? {} : { schema }), modules, transactionLimits });
    return {
      t: t as TestConvex<SchemaDefinition<Schema, Strict>>,
      calls: runtime.calls,
      callsOf: (path) => runtime.calls.filter((call) => call.path === path),
      conflict: (path, attempts = 1) => runtime.conflicts.add(path, attempts),
      deploy: async (next) => {
        const takeBack = runtime.deploy(next, await compileBundle(next));
        deployed.replace(runtime, takeBack);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function moduleName(path: string): string {
  return path.replace(/^\.\//, "").replace(/\.[^.]+$/, "");
}

async function bundleOf(options: StrictConvexOptions): Promise<ConvexBundle> {
  return "bundle" in options ? options.bundle : await bundleConvex(options.dir, options.bundling);
}
