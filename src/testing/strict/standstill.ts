/**
 * Ends a query or mutation that waits for something that never comes. On a backend it is over as soon as there is nothing left to
 * run (`run_inner` in `crates/isolate/src/environment/udf/mod.rs` of get-convex/convex-backend); here that takes a moment to tell,
 * since the web APIs of Node.js work outside of what can be seen.
 */
import timers from "node:timers";

import { turn } from "./eventLoop.js";
import type { Execution } from "./execution.js";

// Captured when the module is loaded, before fake timers can be installed.
const { setTimeout, clearTimeout } = timers;

/** How long nothing may happen: as long as a query or mutation may compute (`DATABASE_UDF_USER_TIMEOUT` in `crates/common/src/knobs.rs`). */
const IDLE_MS = 1000;

/** How often the event loop has to turn after that: on a busy machine, time alone says nothing. */
const IDLE_TURNS = 50;

/** Looks now and then whether a call still gets anywhere, until its handler's promise is settled. */
export function watchForStandstill(execution: Execution, handler: unknown): void {
  let isDone = false;
  const { call } = execution;
  const progress = (): number => (isDone || execution.isOver || execution.isBusy ? -1 : call.operations.length);
  const look = async (): Promise<void> => {
    const before = progress();
    let turns = 0;
    while (turns < IDLE_TURNS && before !== -1 && progress() === before) {
      await turn();
      turns += 1;
    }
    if (turns === IDLE_TURNS) execution.kill(new Error("Returned promise will never resolve"));
    else if (!isDone) timer = setTimeout(() => void look(), IDLE_MS);
  };
  let timer = setTimeout(() => void look(), IDLE_MS);
  const stop = (): void => {
    isDone = true;
    clearTimeout(timer);
  };
  execution.onEnd(stop);
  Promise.resolve(handler).then(stop, stop);
}
