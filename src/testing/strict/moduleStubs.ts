/**
 * The modules that convex-test gets: stand-ins with the same exports, whose handlers run the real functions in realms of
 * their own.
 */
import type { ConvexModule } from "../convexBundle.js";
import { ConvexBundleError } from "../convexBundleError.js";

import type { Exports } from "./analyses.js";
import { runMutation } from "./conflicts.js";
import { type DeployedCode, qualifiedPath } from "./deployedCode.js";
import { never } from "./eventLoop.js";
import { messageOf } from "./failure.js";
import type { HostContext } from "./hostContext.js";
import { type FunctionTarget, runFunction } from "./runFunction.js";
import { isRouter, type Router, runHttpAction } from "./runHttpAction.js";
import type { StrictRuntime } from "./runtime.js";
import { argsProblem, returnsProblem } from "./validatorRules.js";

/** Modules by path, as convex-test takes them. */
export type ModuleMap = Record<string, () => Promise<unknown>>;

/**
 * Looks at all modules, as a deploy does, and makes their stand-ins.
 *
 * @throws ConvexBundleError if a module cannot be evaluated: the deploy would fail.
 */
export function moduleStubs(runtime: StrictRuntime, code: DeployedCode): ModuleMap {
  const stubs = code.bundle.modules.map((module) => {
    const stub = module.environment === "node" ? nodeModule(code, module) : isolateModule(runtime, code, module);
    return [`./${module.name}.js`, stub] as const;
  });
  // convex-test finds the root of the functions by this folder, which is never part of a bundle.
  return { "./_generated/api.js": () => Promise.resolve({}), ...Object.fromEntries(stubs) };
}

function nodeModule(code: DeployedCode, { name }: ConvexModule): () => Promise<never> {
  if (code.componentPath !== "") throw new ConvexBundleError([noNodeInComponents(code)]);
  code.exports.set(name, "unknown");
  const message =
    `The module ${name} has "use node", and strictConvex runs Convex's own runtime only. ` +
    `To run it as it is, pass it in the option \`modules\` as "./${name}.js".`;
  return () => Promise.reject(new Error(message));
}

/** `bundleImplementations` in `src/cli/lib/components/definition/bundle.ts` of the npm package `convex`. */
function noNodeInComponents({ bundle }: DeployedCode): string {
  return `"use node" directive is not supported in components. Remove it from the component at: ${bundle.dir}.`;
}

function isolateModule(runtime: StrictRuntime, code: DeployedCode, module: ConvexModule): () => Promise<unknown> {
  const exports = analyze(runtime, code, module);
  code.exports.set(module.name, new Set(Object.keys(exports)));
  const stubs = Object.entries(exports).map(([name, exported]) => [
    name,
    exportStub(runtime, code, module, name, exported),
  ]);
  const stub: unknown = Object.fromEntries(stubs);
  return () => Promise.resolve(stub);
}

function analyze(runtime: StrictRuntime, code: DeployedCode, module: ConvexModule): Exports {
  try {
    return runtime.analyze(code, module);
  } catch (thrown) {
    const path = qualifiedPath(code.componentPath, module.name);
    throw new ConvexBundleError([`${path} cannot be loaded: ${messageOf(thrown)}`], { cause: thrown });
  }
}

function exportStub(
  runtime: StrictRuntime,
  code: DeployedCode,
  module: ConvexModule,
  name: string,
  exported: unknown,
): unknown {
  if (module.name === "http" && name === "default" && isRouter(exported))
    return routerStub(runtime, code, module, exported);
  const type = typeof exported === "function" ? functionType(exported) : undefined;
  if (type === undefined) return exported;
  const path = name === "default" ? module.name : `${module.name}:${name}`;
  return functionStub(runtime, { code, path, file: module.file, exportName: name, type }, Object(exported) as object);
}

function functionType(exported: object): FunctionTarget["type"] | undefined {
  if (Reflect.get(exported, "isQuery") === true) return "query";
  if (Reflect.get(exported, "isMutation") === true) return "mutation";
  return Reflect.get(exported, "isAction") === true ? "action" : undefined;
}

/** What Convex and convex-test recognise a function by. */
const MARKS = ["isConvexFunction", "isQuery", "isMutation", "isAction", "isPublic", "isInternal"];

function functionStub(runtime: StrictRuntime, target: FunctionTarget, exported: object): object {
  const marks = MARKS.filter((mark) => mark in exported).map((mark) => [mark, Reflect.get(exported, mark)] as const);
  const path = qualifiedPath(target.code.componentPath, target.path);
  const argsJson = exportedJson(exported, "exportArgs", path);
  const returnsJson = exportedJson(exported, "exportReturns", path);
  const problem = argsProblem(argsJson) ?? returnsProblem(returnsJson);
  if (problem !== undefined) throw new ConvexBundleError([`${path}: ${problem}`]);
  return {
    ...Object.fromEntries(marks),
    exportArgs: () => argsJson,
    exportReturns: () => returnsJson,
    _handler: (ctx: HostContext, args: unknown) => runStub(runtime, target, ctx, args),
  };
}

function runStub(runtime: StrictRuntime, target: FunctionTarget, ctx: HostContext, args: unknown): Promise<unknown> {
  if (runtime.isClosed) return never();
  if (target.type === "mutation") return runMutation(runtime, target, ctx, args);
  return runFunction(runtime, target, { ctx, args, caller: runtime.caller, attempt: 1 });
}

function exportedJson(exported: object, name: string, path: string): string {
  try {
    const read: unknown = Reflect.get(exported, name);
    const json: unknown = typeof read === "function" ? Reflect.apply(read, exported, []) : undefined;
    if (typeof json === "string") return json;
    throw new Error(`${name} gives no JSON`);
  } catch (thrown) {
    throw new ConvexBundleError([`${path}: ${messageOf(thrown)}`], { cause: thrown });
  }
}

function routerStub(runtime: StrictRuntime, code: DeployedCode, { file }: ConvexModule, router: Router): Router {
  return {
    lookup: (path, method) => {
      const found = router.lookup(path, method);
      if (found === null) return null;
      const _handler = (ctx: HostContext, request: Request): Promise<Response> =>
        runHttpAction(runtime, code, file, ctx, request);
      return [{ _handler }, ...found.slice(1)];
    },
  };
}
