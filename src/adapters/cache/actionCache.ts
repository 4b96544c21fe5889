/**
 * The action cache of Convex (`@convex-dev/action-cache`): `fetch` answers from a table, or runs an action and stores what it
 * returned. That it ran the action is how a miss is known.
 */
import { type CacheOperation, foundNothing, withCacheSpan } from "./cacheSpan.js";
import type { CacheProfile } from "./options.js";
import { hasMethod, patchMethod } from "../../core/patchMethod.js";

/** What `fetch` is given: the context of an action. */
interface ActionCtx {
  runAction(...args: unknown[]): unknown;
}

/** Methods besides `fetch`, by what they do. */
const OTHERS: Readonly<Record<string, CacheOperation>> = {
  remove: "delete",
  removeAllForName: "clear",
  removeAll: "clear",
};

/** Instruments an action cache in place. False if it cannot be changed. */
export function instrumentActionCache(cache: object, profile: CacheProfile): boolean {
  for (const [name, operation] of Object.entries(OTHERS)) {
    patchMethod(cache, name, (original, [, args]) => {
      const key = operation === "delete" ? argsKey(args) : undefined;
      return withCacheSpan(profile, { operation, key }, () => original(), foundNothing);
    });
  }
  return patchMethod(cache, "fetch", (original, [ctx, args, ...rest]) => {
    let hits = 1;
    const watched = watchActions(ctx, () => (hits = 0));
    const fetch = (): unknown => original([watched, args, ...rest]);
    return withCacheSpan(profile, { operation: "get", key: argsKey(args) }, fetch, () => ({ lookups: 1, hits }));
  });
}

/** The same context, telling when an action is run. What is no such context is left to fail as it would. */
function watchActions(ctx: unknown, onAction: () => void): unknown {
  if (typeof ctx !== "object" || ctx === null || !hasMethod(ctx, "runAction")) return ctx;
  const runAction = (...args: unknown[]): unknown => {
    onAction();
    return (ctx as ActionCtx).runAction(...args);
  };
  return Object.create(ctx, { runAction: { value: runAction, configurable: true, writable: true } });
}

/** The arguments are the key. Undefined where they are not JSON: `bigint` and bytes are values of Convex, too. */
function argsKey(args: unknown): string | undefined {
  try {
    return JSON.stringify(args);
  } catch {
    return undefined;
  }
}
