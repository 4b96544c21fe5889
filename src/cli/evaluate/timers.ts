/**
 * Timers that never fire: nothing an app's modules start may go on after they have been evaluated.
 */

/** The timer functions, as globals and as `node:timers`. */
export function inertTimers(): Record<string, unknown> {
  const timer = { ref: () => timer, unref: () => timer, hasRef: () => false, refresh: () => timer, close: () => timer };
  const start = (): typeof timer => timer;
  const clear = (): void => undefined;
  return {
    setTimeout: start,
    setInterval: start,
    setImmediate: start,
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
  };
}

/** `node:timers/promises`: promises that stay pending. */
export function inertTimerPromises(): Record<string, unknown> {
  const never = (): Promise<never> => new Promise(() => undefined);
  return { setTimeout: never, setImmediate: never, setInterval: never, scheduler: { wait: never, yield: never } };
}
