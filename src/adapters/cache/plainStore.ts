/**
 * Stores in the form of a map: `Map`, lru-cache, Keyv, and whatever else has `get` and `set`. What is synchronous stays so.
 */
import { type CacheOperation, foundNothing, observeOperation, RunningOperation } from "./cacheSpan.js";
import { claimSpan, type Found, HIT, MISS, noteLookup } from "./lookups.js";
import { activeContext } from "../../core/context.js";
import { isPromise } from "../../core/isPromise.js";
import { observe } from "../../core/observe.js";
import type { CacheProfile } from "./options.js";
import { hasMethod, type Original, patchRecorded } from "../../core/patchMethod.js";
import { cacheState, inside } from "./state.js";
import type { Span } from "../../core/types.js";

/** Methods by what they do. `peek` is not here: it is there to look without being counted. */
const METHODS: Readonly<Record<string, CacheOperation>> = {
  get: "get",
  set: "set",
  delete: "delete",
  del: "delete",
  clear: "clear",
};

/** Instruments a store in place. False if it cannot be changed. */
export function instrumentStore(store: object, profile: CacheProfile): boolean {
  return Object.entries(METHODS)
    .filter(([name]) => hasMethod(store, name))
    .every(([name, operation]) => {
      return patchRecorded(store, name, (asking, original, args, receiver) => {
        return runOperation(asking, profile, operation, receiver, args[0], original);
      });
    });
}

function runOperation(
  asking: Span,
  profile: CacheProfile,
  operation: CacheOperation,
  store: unknown,
  key: unknown,
  original: Original,
): unknown {
  if (cacheState().isInside) return original();
  let isRemote = false;
  const run = (): unknown => {
    const result = inside(original);
    isRemote = isPromise(result);
    return result;
  };
  const look = operation === "get" ? (value: unknown) => lookedUp(store, key, value, isRemote) : foundNothing;
  if (claimSpan(asking)) {
    return observeOperation(
      new RunningOperation(profile, { operation, key: keyOf(operation, key) }, asking),
      run,
      look,
    );
  }
  if (operation !== "get") return run();
  return observe(run, (outcome) =>
    noteLookup("thrown" in outcome ? MISS : look(outcome.value), asking, activeContext()),
  );
}

function keyOf(operation: CacheOperation, key: unknown): unknown {
  return operation === "clear" ? undefined : key;
}

/**
 * `undefined` says that there is no value, but a map can hold even that; `null` says it where the store had to be asked over
 * a network. No other `has` is called: in lru-cache it can renew an entry.
 */
function lookedUp(store: unknown, key: unknown, value: unknown, isRemote: boolean): Found {
  if (value === undefined) return store instanceof Map && store.has(key) ? HIT : MISS;
  return value === null && isRemote ? MISS : HIT;
}
