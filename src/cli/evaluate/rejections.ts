/**
 * Keeps promises that an app's modules leave rejected from ending this process.
 *
 * A module may start something at its top level that fails here for want of a network or an environment. That says
 * nothing about the functions it registers.
 */

/**
 * Runs `evaluate`, and swallows unhandled rejections of promises that were made in another context. Those of this
 * process go where they went before.
 */
export async function withForeignRejectionsIgnored<T>(evaluate: () => T): Promise<T> {
  const before = process.listeners("unhandledRejection");
  const dispatch = (reason: unknown, promise: Promise<unknown>): void => {
    if (!(promise instanceof Promise)) return;
    if (before.length === 0) throw reason;
    for (const listener of before) listener(reason, promise);
  };
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", dispatch);
  try {
    return evaluate();
  } finally {
    // Rejections are reported after the microtasks of the current turn; file reads of modules take a few more.
    for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", dispatch);
    for (const listener of before) process.on("unhandledRejection", listener);
  }
}
