/**
 * What is needed of `convex/server` when a function runs. Handed in where builders are made, not imported where it is
 * used: the build for Convex loads that code later, as CommonJS, and an import there would bring a second copy of Convex.
 */
import type { getFunctionAddress, makeFunctionReference } from "convex/server";

/** Functions of `convex/server` that read and make function references. */
export interface ConvexReferences {
  readonly getFunctionAddress: typeof getFunctionAddress;
  readonly makeFunctionReference: typeof makeFunctionReference;
}
