/**
 * Which runtime the functions of a test run in. The projects of `vitest.config.ts` choose: plain convex-test (in Node.js and
 * in edge-runtime) forgives, the strict one has Convex's rules. The tests and their assertions are the same.
 */
import { inject, it } from "vitest";

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

/** Defines a test for one runtime, because `reason`. Elsewhere there is no such test: one that is skipped would be a gap. */
export function onlyIn(only: Runtime, reason: string): (name: string, test: () => Promise<void>) => void {
  if (reason === "") throw new Error("Say why");
  return (name, test) => {
    if (runtime === only) it(name, test);
  };
}
