/** Turns of the real event loop, whatever a test has done to its timers. */

import timers from "node:timers";

// Captured when the module is loaded, before fake timers can be installed. Not every test environment has it as a global.
const { setImmediate } = timers;

/** Waits for one turn: all microtasks have run, and unhandled rejections have been reported. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** A promise that stays pending: what an operation gives that nobody is there for any more. */
export function never(): Promise<never> {
  return new Promise(() => undefined);
}
