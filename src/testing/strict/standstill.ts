/**
 * Ends a query or mutation that waits for something that never comes. On a backend it is over as soon as there is nothing left to
 * run (`run_inner` in `crates/isolate/src/environment/udf/mod.rs` of get-convex/convex-backend); here that takes a moment to tell,
 * since the web APIs of Node.js work outside of what can be seen.
 */
import timers from "node:timers";

import type { Execution } from "./execution.js";

// Captured when the module is loaded, before fake timers can be installed.
const { setInterval, clearInterval } = timers;

const INTERVAL_MS = 100;

/** Looks at the call now and then until it ends. */
export function watchForStandstill(execution: Execution): void {
  const { call } = execution;
  let seen = -1;
  const look = (): void => {
    const started = call.operations.length;
    // Nothing under way, and nothing was started since the last look.
    if (!execution.isBusy && started === seen) execution.kill(new Error("Returned promise will never resolve"));
    seen = execution.isBusy ? -1 : started;
  };
  const timer = setInterval(look, INTERVAL_MS);
  execution.onEnd(() => clearInterval(timer));
}
