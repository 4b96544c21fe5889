/** Waiting, with an end. */

/**
 * Waits for a promise, but not longer than so many milliseconds. The timer keeps the process alive: that is what the wait is
 * for. Rejections count as done.
 */
export async function within(promise: Promise<unknown>, timeoutMs: number): Promise<"done" | "late"> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), timeoutMs);
  });
  const done = promise.then(
    () => "done" as const,
    () => "done" as const,
  );
  const outcome = await Promise.race([done, late]);
  clearTimeout(timer);
  return outcome;
}
