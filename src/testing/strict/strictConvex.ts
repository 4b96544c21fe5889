/**
 * A Convex runtime for tests that forgives nothing which a deployment punishes. The database is convex-test's; what runs is
 * the bundle that would be deployed, evaluated anew for every call, with Convex's globals only.
 */
import type { GenericSchema, SchemaDefinition } from "convex/server";
import { convexTest, type TestConvex } from "convex-test";

import type { ConvexBundle } from "../convexBundle.js";

import { compileBundle } from "./compile.js";
import { bundleOf, deployComponents } from "./components.js";
import { checkConvexTest } from "./convexTestVersion.js";
import { type DeployedCode, qualifiedPath } from "./deployedCode.js";
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
  /**
   * The calls of one function, by its path (`dir/mod:fn`), which begins with the component's for functions of one
   * (`otel/dir/mod:fn`); of HTTP actions, by method and path of the request.
   */
  callsOf(path: string): readonly StrictCall[];
  /**
   * Lets the next run of a mutation lose so many attempts to conflicts: what they did is discarded, and it runs again with the
   * same arguments. After five attempts it fails, unless it was scheduled.
   *
   * @param path - As for `callsOf`.
   * @param attempts - A natural number. @defaultValue 1
   * @throws TypeError if it is none.
   */
  conflict(path: string, attempts?: number): void;
  /**
   * Deploys other functions in place of the app's, while the database and scheduled jobs stay: what an update, or a way back
   * from one, does to jobs that are pending. Calls that are under way end as they began.
   *
   * @param componentPath - Of the component whose functions it replaces. @defaultValue `""`, the app
   * @throws ConvexBundleError if it has modules that were not there before, or one cannot be evaluated.
   * @throws TypeError if there is no such component.
   */
  deploy(bundle: ConvexBundle, componentPath?: string): Promise<void>;
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
  const runtime = new StrictRuntime(settings);
  const { schema, env = {} } = options;
  const code = runtime.install({ componentPath: "", bundle, scripts: await compileBundle(bundle), schema, env });
  const stopListening = listenForRejections();
  const close = (): Promise<void> => {
    runtime.close();
    return stopListening();
  };
  try {
    const app = new DeployedModules(runtime, code);
    const components = await deployComponents(runtime, options.components ?? {});
    const t = startConvexTest(options, code, app);
    for (const component of components.values()) component.register(t.registerComponent);
    const { calls, conflicts } = runtime;
    return {
      t: t as TestConvex<SchemaDefinition<Schema, Strict>>,
      calls,
      callsOf: (path) => calls.filter((call) => qualifiedPath(call.componentPath, call.path) === path),
      conflict: (path, attempts = 1) => conflicts.add(path, attempts),
      deploy: async (next, componentPath = "") => {
        const modules = componentPath === "" ? app : components.get(componentPath)?.modules;
        if (modules === undefined) throw new TypeError(`deploy: there is no component ${componentPath}`);
        await modules.deploy(next);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function startConvexTest<Schema extends GenericSchema, Strict extends boolean>(
  options: StrictConvexOptions<Schema, Strict>,
  code: DeployedCode,
  app: DeployedModules,
) {
  const { schema, transactionLimits = true, modules = {} } = options;
  for (const path of Object.keys(modules)) code.exports.set(moduleName(path), "unknown");
  return convexTest({
    ...(schema === undefined ? {} : { schema }),
    modules: { ...app.map, ...modules },
    transactionLimits,
  });
}

function moduleName(path: string): string {
  return path.replace(/^\.\//, "").replace(/\.[^.]+$/, "");
}
