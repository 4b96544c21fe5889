/**
 * Requests that only time ends, since their backend does not answer, or answers late. A test that lets time go by has to know of them: it
 * must not go by while another request is under way, which takes real time, and more of it on a machine that is busy.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, vi } from "vitest";

/** After so long, everybody who sends in the background has given up: the default of `OTEL_EXPORTER_OTLP_TIMEOUT`. */
const GIVEN_UP_MS = 10_000;

/** How long somebody will still wait. */
let heldMs = 0;

/** The answer of a backend that never gives one. */
export function hang(): { readonly fault: "hang" } {
  heldMs = GIVEN_UP_MS;
  return { fault: "hang" };
}

/** Resolves when so much time has gone by, for a backend that takes it: more than anybody waits. */
export function holdFor(ms: number): Promise<void> {
  heldMs = GIVEN_UP_MS;
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits for what has no more than one request under way at a time, and lets as much time go by as those are held for. */
export async function timeForHeld(ended: Promise<unknown>): Promise<void> {
  const isOver = ended.then(() => true);
  while (!(await Promise.race([isOver, sleep(1).then(() => false)]))) {
    const ms = heldMs;
    heldMs = 0;
    if (ms > 0) await vi.advanceTimersByTimeAsync(ms);
  }
}

afterEach(() => void (heldMs = 0));
