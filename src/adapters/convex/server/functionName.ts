/** What a function reference names, as far as a caller can tell. */
import { getFunctionAddress } from "convex/server";

/** A called function. */
export interface Callee {
  /** For span names: low cardinality, never an id. */
  readonly displayName: string;
  /** The path (`dir/mod:fn`) of a function of this app; undefined for components and function handles. */
  readonly path: string | undefined;
}

const UNKNOWN: Callee = { displayName: "function", path: undefined };
const CHILD_COMPONENT = "_reference/childComponent/";

/**
 * Describes a function reference. Only a path in this app may be given a carrier: what stands behind a component
 * reference or a function handle is not known to accept one. Mocked references throw when they are read.
 */
export function describeCallee(reference: unknown): Callee {
  try {
    const address = getFunctionAddress(reference as Parameters<typeof getFunctionAddress>[0]);
    if (typeof address.name === "string") return { displayName: address.name, path: address.name };
    if (typeof address.reference === "string")
      return { displayName: componentFunction(address.reference), path: undefined };
    return { displayName: "function handle", path: undefined };
  } catch {
    return UNKNOWN;
  }
}

/** `_reference/childComponent/foo/lib/add` is the function `lib:add` of the component `foo`. */
function componentFunction(reference: string): string {
  const path = reference.startsWith(CHILD_COMPONENT) ? reference.slice(CHILD_COMPONENT.length) : reference;
  const end = path.lastIndexOf("/");
  return end < 0 ? path : `${path.slice(0, end)}:${path.slice(end + 1)}`;
}
