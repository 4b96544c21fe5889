/** The modules of a deployment, which another deploy can replace. convex-test is told once which there are. */
import type { ConvexBundle } from "../convexBundle.js";
import { ConvexBundleError } from "../convexBundleError.js";

import { compileBundle } from "./compile.js";
import type { DeployedCode } from "./deployedCode.js";
import { type ModuleMap, moduleStubs } from "./moduleStubs.js";
import type { StrictRuntime } from "./runtime.js";

/** What convex-test gets: it loads a module anew for every call. */
export class DeployedModules {
  #stubs: ModuleMap;
  readonly map: ModuleMap;

  readonly #runtime: StrictRuntime;
  readonly #code: DeployedCode;

  constructor(runtime: StrictRuntime, code: DeployedCode) {
    this.#runtime = runtime;
    this.#code = code;
    this.#stubs = moduleStubs(runtime, code);
    this.map = Object.fromEntries(
      Object.keys(this.#stubs).map((path) => [path, () => this.#stubs[path]?.() ?? Promise.resolve({})]),
    );
  }

  /**
   * Deploys other functions in their place.
   *
   * @throws ConvexBundleError if one was not there before, or cannot be evaluated. Nothing has changed then.
   */
  async deploy(bundle: ConvexBundle): Promise<void> {
    const takeBack = this.#runtime.deploy(this.#code, bundle, await compileBundle(bundle));
    try {
      this.#stubs = this.#sameNames(moduleStubs(this.#runtime, this.#code));
    } catch (error) {
      takeBack();
      throw error;
    }
  }

  #sameNames(stubs: ModuleMap): ModuleMap {
    const others = Object.keys(stubs).filter((path) => !(path in this.map));
    if (others.length > 0) throw new ConvexBundleError([`There was no ${others.join(", ")} before this deploy.`]);
    return stubs;
  }
}
