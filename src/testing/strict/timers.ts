/** The timers of an action. They end with it; what a callback throws ends the action. */
import type { Execution } from "./execution.js";

/** Timers of one call. */
export interface Timers {
  /** Starts a timer and gives its number. Delays are in milliseconds. */
  readonly start: (callback: () => void, delayMs: number, repeat: boolean) => number;
  readonly stop: (id: unknown) => void;
}

/** No timers yet. They are those of the test, fake or not. */
export function startTimers(execution: Execution): Timers {
  const running = new Map<number, () => void>();
  let lastId = 0;
  const stop = (id: unknown): void => {
    if (typeof id !== "number") return;
    running.get(id)?.();
    running.delete(id);
  };
  execution.onEnd(() => {
    for (const id of [...running.keys()]) stop(id);
  });
  const start = (callback: () => void, delayMs: number, repeat: boolean): number => {
    const id = ++lastId;
    const fire = (): void => {
      if (!repeat) running.delete(id);
      try {
        callback();
      } catch (thrown) {
        execution.kill(thrown);
      }
    };
    running.set(id, repeat ? interval(fire, delayMs) : timeout(fire, delayMs));
    return id;
  };
  return { start, stop };
}

function timeout(fire: () => void, delayMs: number): () => void {
  const timer = setTimeout(fire, delayMs);
  return () => clearTimeout(timer);
}

function interval(fire: () => void, delayMs: number): () => void {
  const timer = setInterval(fire, delayMs);
  return () => clearInterval(timer);
}
