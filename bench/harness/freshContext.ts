/** A fresh V8 context with Convex's globals, as each call has one. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Context } from "node:vm";
import { createModuleContext } from "../../src/cli/evaluate/globals.js";

/**
 * Node.js 20 has each promise carry the values of every storage that was ever used and not disabled, so the storages of
 * the contexts before would slow down the next one. In Convex each context has its own.
 */
class Storage<T> extends AsyncLocalStorage<T> {
  constructor() {
    super();
    used.add(this);
  }
}

const used = new Set<{ disable(): void }>();

/** Makes a context. Those made before must not be used any more. */
export function freshContext(): Context {
  for (const storage of used) storage.disable();
  used.clear();
  const { context } = createModuleContext("isolate");
  context["AsyncLocalStorage"] = Storage;
  return context;
}
