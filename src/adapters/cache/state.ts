/**
 * What there must be one of in a process, whichever copy of this library asks: ESM, CommonJS, or one bundled into an app.
 */
import type { Span } from "../../core/types.js";
import type { Flight } from "./flights.js";
import type { Tally } from "./lookups.js";

/** State of all caches of the process. */
export interface CacheState {
  /** Clients and stores that are instrumented. */
  readonly instrumented: WeakSet<object>;
  /** Loads under way, by store and key. */
  readonly flights: WeakMap<object, Map<string, Flight>>;
  /** What was looked up, by the span that is told. */
  readonly tallies: WeakMap<Span, Tally>;
  /** True while the code of a cache calls into its store: what the store does then is part of an operation that is seen. */
  isInside: boolean;
}

const STATE = Symbol.for("convex-otel.cache.v1");

/** The state of this process. Kept here once it is found: it stays the same, and a look-up asks for it several times. */
export function cacheState(): CacheState {
  return (known ??= findState());
}

let known: CacheState | undefined;

function findState(): CacheState {
  return ((globalThis as { [STATE]?: CacheState })[STATE] ??= {
    instrumented: new WeakSet(),
    flights: new WeakMap(),
    tallies: new WeakMap(),
    isInside: false,
  });
}

/** Runs `fn`, whose synchronous part is part of an operation that is seen already. */
export function inside<T>(fn: () => T): T {
  const state = cacheState();
  const before = state.isInside;
  state.isInside = true;
  try {
    return fn();
  } finally {
    state.isInside = before;
  }
}
