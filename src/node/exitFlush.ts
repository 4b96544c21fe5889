/**
 * The last spans of a process. They leave before it ends, in a bounded time, and the process ends as it would have without
 * this: by the same signal, with the same exit code, and with the program's own handlers in charge where it has some.
 */
import { within } from "./within.js";

/** Signals that end a process, unless it handles them. */
export type ExitSignal = "SIGTERM" | "SIGINT" | "SIGHUP" | "SIGQUIT" | "SIGUSR2";

/** What is flushed, and when. */
export interface ExitFlushParts {
  readonly signals: readonly ExitSignal[];
  /** Milliseconds. */
  readonly timeoutMs: number;
  readonly flush: () => Promise<void>;
  readonly hasPending: () => boolean;
}

/** Flushes when the process is about to end. Returns what undoes it. */
export function flushOnExit({ signals, timeoutMs, flush, hasPending }: ExitFlushParts): () => void {
  const underWay = new Set<ExitSignal>();
  let hasGivenUp = false;

  function onSignal(signal: NodeJS.Signals): void {
    const received = signal as ExitSignal;
    // A handler of the program's own decides how to end: it was called, or is about to be.
    if (!isAlone(received)) return void within(flush(), timeoutMs);
    if (underWay.has(received)) return end(received);
    underWay.add(received);
    // Also where a handler was added meanwhile: it gets the signal then.
    void within(flush(), timeoutMs).then(() => end(received));
  }

  /** Ends as a process does that does not handle the signal. */
  function end(signal: ExitSignal): void {
    process.removeListener(signal, onSignal);
    process.kill(process.pid, signal);
  }

  /** Nothing else keeps the process alive when this is called; if others are called as well, that may change. */
  function onBeforeExit(): void {
    if (hasGivenUp || !hasPending()) return;
    const isLast = process.listenerCount("beforeExit") === 1;
    void within(flush(), timeoutMs).then((outcome) => {
      if (outcome === "done") return;
      hasGivenUp = true;
      if (isLast) process.exit();
    });
  }

  // First in the list: handlers that are called once are still in it then, and count.
  for (const signal of signals) process.prependListener(signal, onSignal);
  process.on("beforeExit", onBeforeExit);
  return () => {
    for (const signal of signals) process.removeListener(signal, onSignal);
    process.removeListener("beforeExit", onBeforeExit);
  };
}

/** Whether nobody else handles the signal. */
function isAlone(signal: ExitSignal): boolean {
  return process.listenerCount(signal) === 1 + signalExitListeners();
}

/**
 * Listeners of the package signal-exit, which thousands of tools bring along: they end the process by the signal themselves,
 * but only while there are no others, so they wait for us to step aside.
 */
function signalExitListeners(): number {
  const inGlobal: unknown = Reflect.get(globalThis, Symbol.for("signal-exit emitter"));
  const inProcess: unknown = Reflect.get(process, "__signal_exit_emitter__");
  return [inGlobal, inProcess].reduce<number>((sum, emitter) => sum + countOf(emitter), 0);
}

function countOf(emitter: unknown): number {
  const count: unknown = Reflect.get(Object(emitter), "count");
  return typeof count === "number" ? count : 0;
}
