/**
 * Which runtime the functions of a test run in. The projects of `vitest.config.ts` choose: plain convex-test (in Node.js and
 * in edge-runtime) forgives, the strict one has Convex's rules. The tests and their assertions are the same.
 */
import { inject, type TestAPI, it } from "vitest";

/** A runtime. */
export type Runtime = "convex-test" | "strict";

declare module "vitest" {
  export interface ProvidedContext {
    readonly runtime: Runtime;
    /** A folder in which the package is installed as it is published. In the project `strict` only. */
    readonly installed: string;
  }
}

/** The one of this project. */
export const runtime: Runtime = inject("runtime");

/** A test for one runtime, because `reason`. */
export function onlyIn(only: Runtime, reason: string): TestAPI | TestAPI["skip"] {
  if (reason === "") throw new Error("Say why");
  return runtime === only ? it : it.skip;
}
