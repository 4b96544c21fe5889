/** How a call names its function: `getFunctionAddress` in `src/server/components/paths.ts` of the npm package `convex`. */
import { qualifiedPath } from "./deployedCode.js";

/** One of these is given. */
export interface FunctionAddress {
  /** In the component that calls. */
  readonly name?: string;
  /** In a component of the one that calls: `_reference/childComponent/otel/dir/mod/fn`. */
  readonly reference?: string;
  /** Anywhere. convex-test writes `function://otel;dir/mod:fn`; on a deployment it tells nothing. */
  readonly functionHandle?: string;
}

/** A function, and where it is. */
interface Target {
  readonly componentPath: string;
  readonly path: string;
}

/** What an address means to a caller, if it can be told. */
export function targetOf({ name, reference, functionHandle }: FunctionAddress, caller: string): Target | undefined {
  if (name !== undefined) return { componentPath: caller, path: name };
  if (functionHandle !== undefined) return ofHandle(functionHandle);
  return reference === undefined ? undefined : ofReference(reference, caller);
}

function ofHandle(handle: string): Target | undefined {
  const [, componentPath, path] = /^function:\/\/([^;]*);(.+)$/.exec(handle) ?? [];
  return componentPath === undefined || path === undefined ? undefined : { componentPath, path };
}

function ofReference(reference: string, caller: string): Target | undefined {
  const [root, kind, child, ...parts] = reference.split("/");
  const exported = parts.pop();
  if (root !== "_reference" || kind !== "childComponent" || child === undefined || exported === undefined) {
    return undefined;
  }
  return { componentPath: qualifiedPath(caller, child), path: `${parts.join("/")}:${exported}` };
}
