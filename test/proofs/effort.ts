/** How many programs are tried: some, always the same ones, in every build; as many as fit into the time in a soak. */
import { interruptAfterTimeLimit, type Parameters } from "fast-check";

/** Minutes for each property; set by `npm run test:soak`. */
const minutes = Number(process.env["CONVEX_OTEL_SOAK_MINUTES"] ?? 0);

function parametersOf(numRuns: number): Parameters<unknown> {
  if (minutes > 0) {
    return { numRuns: Number.MAX_SAFE_INTEGER, plugins: [interruptAfterTimeLimit(minutes * 60_000)] };
  }
  // However slow the machine is: with fewer programs, a test that counts what it has seen might not have seen it.
  return { seed: 20_260, numRuns };
}

export const effort = {
  of: parametersOf,
  /** For the whole test; making a failing program smaller takes its time too. */
  timeout: (minutes + 5) * 60_000,
};
