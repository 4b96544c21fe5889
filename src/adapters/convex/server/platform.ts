/**
 * The Convex runtime behind the core's ports. Everything is looked up when a call runs and only if it is there: older
 * backends lack some of it, and at module load Convex fixes the clock and the random numbers for the whole deploy.
 */
import {
  asyncContextStore,
  type AsyncStorage,
  entryContextStore,
  installContextStore,
  type Snapshot,
} from "../../../core/context.js";
import type { Clock, ContextStore, Random } from "../../../core/ports.js";

/** A clock, and whether it advances during a mutation. */
export interface CallClock extends Clock {
  readonly isFrozen: boolean;
}

/**
 * A caller's clock may run ahead of ours by this much and still set ours; more than that is not skew but an error.
 * Nested mutations, whose clock restarts, need the user time limit of a mutation (1 s) and its database time.
 */
const MAX_CORRECTION_MS = 60_000;

/** As much as a nested call of a public function needs, and no more: anyone can call those, with any time. */
const MAX_UNTRUSTED_CORRECTION_MS = 2_000;

/**
 * The clock of one call. `Date.now()` stands still during a mutation and `performance.now()` advances, so time is the
 * first, plus what the second gained since. `notBefore` is the caller's time: a nested mutation's clock restarts at its
 * parent's beginning, and another machine's may be behind.
 */
export function callClock(notBefore: number | undefined, isTrusted = true): CallClock {
  const wall = Date.now();
  const correction = notBefore === undefined ? 0 : notBefore - wall;
  const limit = isTrusted ? MAX_CORRECTION_MS : MAX_UNTRUSTED_CORRECTION_MS;
  const base = correction > 0 && correction <= limit ? wall + correction : wall;
  const elapsed = stopwatch();
  if (elapsed !== undefined) return { isFrozen: false, now: () => base + elapsed() };
  return { isFrozen: true, now: () => base + Math.max(0, Date.now() - wall) };
}

/** Milliseconds since it was made, or undefined on backends without the Performance API (before April 2026). */
function stopwatch(): (() => number) | undefined {
  try {
    const start = performance.now();
    return () => performance.now() - start;
  } catch {
    return undefined;
  }
}

/**
 * Random numbers for ids. One seed is drawn from the function's own generator, when the first number is needed; the rest
 * come from a private stream, so that the number of spans does not shift the numbers a program draws.
 */
export function callRandom(draw: () => number = Math.random): Random {
  let stream: (() => number) | undefined;
  return { uint32: () => (stream ??= seededStream(draw))() };
}

/** sfc32 of Chris Doty-Humphrey's PractRand. */
function seededStream(draw: () => number): () => number {
  let [a, b, c, counter] = [seed(draw), seed(draw), seed(draw), 1];
  const uint32 = (): number => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    return result >>> 0;
  };
  // The author's mixing: twelve steps until every seed bit has reached every output bit.
  for (let step = 0; step < 12; step++) uint32();
  return uint32;
}

function seed(draw: () => number): number {
  return (draw() * 2 ** 32) | 0;
}

/** The context store of this runtime, installed when the first call is traced. */
export function convexContextStore(): ContextStore {
  return installContextStore(() => {
    const Storage = asyncStorageClass();
    if (Storage === undefined) return entryContextStore();
    return asyncContextStore(new Storage(), Storage.snapshot && (() => Storage.snapshot()));
  });
}

interface AsyncStorageClass {
  new (): AsyncStorage;
  snapshot: Snapshot;
}

/** Convex has `AsyncLocalStorage` as a global (since May 2026); Node, and convex-test on it, as a built-in module. */
function asyncStorageClass(): AsyncStorageClass | undefined {
  try {
    const inGlobal = (globalThis as { AsyncLocalStorage?: AsyncStorageClass }).AsyncLocalStorage;
    return inGlobal ?? process.getBuiltinModule("node:async_hooks").AsyncLocalStorage;
  } catch {
    return undefined;
  }
}
