/**
 * Which context is active, across everything asynchronous: the `ContextManager` that `@opentelemetry/api` wants, on Node's own
 * `AsyncLocalStorage`. It behaves as that of `@opentelemetry/context-async-hooks`, which would be one more package to install.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { EventEmitter } from "node:events";
import { type Context, type ContextManager, ROOT_CONTEXT } from "@opentelemetry/api";
import { bindListeners, type Listener } from "./boundListeners.js";

/** The context manager of a process. */
export class AsyncContexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();
  readonly #boundEmitters = new WeakSet<EventEmitter>();

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }

  with<Args extends unknown[], F extends (...args: Args) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: Args
  ): ReturnType<F> {
    // Nearly every call is one without a receiver; nearly every other library binds one.
    return this.#storage.run(context, thisArg == null ? fn : (fn.bind(thisArg) as F), ...args);
  }

  /** A function that runs with a context active, or an emitter whose listeners do that are added from now on. */
  bind<T>(context: Context, target: T): T {
    if (target instanceof EventEmitter) {
      this.#bindEmitter(context, target);
      return target;
    }
    return typeof target === "function" ? (this.#bindFunction(context, target as T & Listener) as T) : target;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.#storage.disable();
    return this;
  }

  /** An emitter is bound once: its first context stays. */
  #bindEmitter(context: Context, emitter: EventEmitter): void {
    if (this.#boundEmitters.has(emitter)) return;
    this.#boundEmitters.add(emitter);
    bindListeners(emitter, (listener) => this.#bindFunction(context, listener));
  }

  #bindFunction(context: Context, fn: Listener): Listener {
    const storage = this.#storage;
    const bound = function (this: unknown, ...args: unknown[]): unknown {
      return storage.run(context, () => fn.apply(this, args));
    };
    return Object.defineProperty(bound, "length", { value: fn.length });
  }
}
