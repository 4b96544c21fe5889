/** Builds Jaeger before the first end-to-end test, so that no test's time limit pays for it. */
import type { TestProject } from "vitest/node";
import { jaegerBinary } from "./jaegerBinary.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Path of the Jaeger binary; an empty string where there is none and tests skip. */
    jaegerBinary: string;
  }
}

export default function setup(project: TestProject): void {
  project.provide("jaegerBinary", jaegerBinary() ?? "");
}
