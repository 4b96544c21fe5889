/**
 * Emitters whose listeners are replaced by others that call them. A replacement names its original as Node's own one-time
 * listeners do (`listener`), so that emitters find, remove and list it by the original.
 */
import type { EventEmitter } from "node:events";

/** A function that is called with some receiver. */
export type Listener = (this: unknown, ...args: unknown[]) => unknown;

type Add = (this: EventEmitter, event: string | symbol, listener: Listener) => EventEmitter;

/** Binds the listeners that are added from now on. */
export function bindListeners(emitter: EventEmitter, bind: (listener: Listener) => Listener): void {
  const original = (name: string) => Reflect.get(emitter, name) as Add;
  const add = original("on");
  const prepend = original("prependListener");
  Object.assign(emitter, {
    on: adding(add, bind),
    addListener: adding(original("addListener"), bind),
    prependListener: adding(prepend, bind),
    once: addingOnce(add, bind),
    prependOnceListener: addingOnce(prepend, bind),
  });
}

function adding(add: Add, bind: (listener: Listener) => Listener): Add {
  return function (event, listener) {
    // What is no function is refused by the emitter.
    return add.call(this, event, typeof listener === "function" ? named(bind(listener), listener) : listener);
  };
}

function addingOnce(add: Add, bind: (listener: Listener) => Listener): Add {
  return function (event, listener) {
    if (typeof listener !== "function") return add.call(this, event, listener);
    const bound = bind(listener);
    const once = (...args: unknown[]): unknown => {
      this.removeListener(event, once);
      return bound.apply(this, args);
    };
    return add.call(this, event, named(once, listener));
  };
}

function named(replacement: Listener, listener: Listener): Listener {
  return Object.assign(replacement, { listener });
}
