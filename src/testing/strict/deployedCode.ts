/** What is deployed at a place: the functions of the app, or those of a component, each with an environment of its own. */
import type { GenericSchema, SchemaDefinition } from "convex/server";

import type { ConvexBundle } from "../convexBundle.js";

import type { ModuleExports } from "./callLimits.js";
import type { StrictScripts } from "./compile.js";

/** Variables by name. Read when a function reads, so a test can change them. */
export type StrictEnv = Readonly<Record<string, string | undefined>>;

/** What the code of one place consists of. */
export interface DeployedCodeOptions {
  /** Where it is: empty for the app, `parent/child` for a component in a component. */
  readonly componentPath: string;
  readonly bundle: ConvexBundle;
  readonly scripts: StrictScripts;
  readonly schema: SchemaDefinition<GenericSchema, boolean> | undefined;
  readonly env: StrictEnv;
  /** The moment of the deploy. */
  readonly deployedMs: number;
  /** Different for each place: what a module of a component draws at its top level is not what one of the app draws. */
  readonly importSeed: number;
}

/** The code of one place. A deploy replaces it. */
export class DeployedCode {
  readonly componentPath: string;
  readonly schema: DeployedCodeOptions["schema"];
  readonly env: StrictEnv;
  readonly importSeed: number;
  /** What can be called, by module. */
  readonly exports = new Map<string, ModuleExports>();
  bundle: ConvexBundle;
  scripts: StrictScripts;
  deployedMs: number;

  constructor(options: DeployedCodeOptions) {
    this.componentPath = options.componentPath;
    this.schema = options.schema;
    this.env = options.env;
    this.importSeed = options.importSeed;
    this.bundle = options.bundle;
    this.scripts = options.scripts;
    this.deployedMs = options.deployedMs;
  }

  /** From here on, calls run these functions, or again those before if what is returned is called. */
  deploy(bundle: ConvexBundle, scripts: StrictScripts, deployedMs: number): () => void {
    const before = [this.bundle, this.scripts, this.deployedMs] as const;
    const exportsBefore = [...this.exports];
    for (const { name } of this.bundle.modules) this.exports.delete(name);
    [this.bundle, this.scripts, this.deployedMs] = [bundle, scripts, deployedMs];
    return () => {
      [this.bundle, this.scripts, this.deployedMs] = before;
      this.exports.clear();
      for (const [name, names] of exportsBefore) this.exports.set(name, names);
    };
  }
}

/** A function by one name wherever it is: that of a component begins with the path of the component. */
export function qualifiedPath(componentPath: string, path: string): string {
  return componentPath === "" ? path : `${componentPath}/${path}`;
}
