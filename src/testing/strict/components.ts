/**
 * Components under the rules. Which there are is given, and not read from `convex.config.ts`: that names packages whose folders
 * and schemas it does not tell, and a component is also to be tested without an app around it.
 */
import { defineSchema, type GenericSchema, type SchemaDefinition } from "convex/server";

import { bundleConvex, type ConvexBundle } from "../convexBundle.js";

import { compileBundle } from "./compile.js";
import { DeployedModules } from "./deployedModules.js";
import type { ModuleMap } from "./moduleStubs.js";
import type { StrictComponent } from "./options.js";
import type { StrictRuntime } from "./runtime.js";

/** Takes a component, as `t.registerComponent` of convex-test. */
type Register = (path: string, schema: SchemaDefinition<GenericSchema, boolean>, modules: ModuleMap) => void;

/** What has been deployed of a component. */
export interface DeployedComponent {
  readonly modules: DeployedModules;
  readonly register: (register: Register) => void;
}

/**
 * Deploys components, each with the functions of its own folder.
 *
 * @throws ConvexBundleError if one could not be deployed.
 * @throws TypeError if a path is wrong.
 */
export async function deployComponents(
  runtime: StrictRuntime,
  components: Readonly<Record<string, StrictComponent>>,
): Promise<ReadonlyMap<string, DeployedComponent>> {
  const deployed = new Map<string, DeployedComponent>();
  for (const [componentPath, component] of Object.entries(components)) {
    checkPath(componentPath, components);
    deployed.set(componentPath, await deployComponent(runtime, componentPath, component));
  }
  return deployed;
}

async function deployComponent(
  runtime: StrictRuntime,
  componentPath: string,
  component: StrictComponent,
): Promise<DeployedComponent> {
  const { schema, env = {} } = component;
  const bundle = await bundleOf(component);
  const code = runtime.install({ componentPath, bundle, scripts: await compileBundle(bundle), schema, env });
  const modules = new DeployedModules(runtime, code);
  return { modules, register: (register) => register(componentPath, schema ?? withoutRules(), modules.map) };
}

/** Documents are not validated, as in an app without a schema. */
function withoutRules(): SchemaDefinition<GenericSchema, boolean> {
  return defineSchema({}, { schemaValidation: false });
}

function checkPath(componentPath: string, components: Readonly<Record<string, StrictComponent>>): void {
  // `ComponentName` in crates/common/src/components/component_path.rs is an identifier.
  if (!/^[A-Za-z]\w*(\/[A-Za-z]\w*)*$/.test(componentPath)) {
    throw new TypeError(
      `strictConvex: components names "${componentPath}"; give the name from app.use, or parent/child for nested ones`,
    );
  }
  const parent = componentPath.slice(0, Math.max(componentPath.lastIndexOf("/"), 0));
  if (parent === "" || Object.hasOwn(components, parent)) return;
  throw new TypeError(`strictConvex: components has ${componentPath}, but not ${parent}; add it`);
}

/** The bundle that an option names, or has. */
export async function bundleOf(source: {
  readonly bundle?: ConvexBundle | undefined;
  readonly dir?: string | undefined;
  readonly bundling?: Parameters<typeof bundleConvex>[1] | undefined;
}): Promise<ConvexBundle> {
  return source.bundle ?? (await bundleConvex(source.dir ?? "", source.bundling));
}
