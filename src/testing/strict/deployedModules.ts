/** The modules of a deployment, which another deploy can replace. convex-test is told once which there are. */
import { ConvexBundleError } from "../convexBundleError.js";

import { type ModuleMap, moduleStubs } from "./moduleStubs.js";
import type { StrictRuntime } from "./runtime.js";

/** What convex-test gets: it loads a module anew for every call. */
export class DeployedModules {
  #stubs: ModuleMap;
  readonly map: ModuleMap;

  constructor(runtime: StrictRuntime) {
    this.#stubs = moduleStubs(runtime);
    this.map = Object.fromEntries(
      Object.keys(this.#stubs).map((path) => [path, () => this.#stubs[path]?.() ?? Promise.resolve({})]),
    );
  }

  /**
   * Takes the modules of the bundle that the runtime has by now, or has it taken back.
   *
   * @throws ConvexBundleError if one was not there before, or cannot be evaluated.
   */
  replace(runtime: StrictRuntime, takeBack: () => void): void {
    try {
      this.#stubs = this.#sameNames(moduleStubs(runtime));
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
