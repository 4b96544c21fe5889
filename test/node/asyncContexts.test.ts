/** Our context manager beside the official one: whatever one does, so does the other. */
import { EventEmitter, once } from "node:events";
import { PassThrough } from "node:stream";
import { type Context, type ContextManager, createContextKey, ROOT_CONTEXT } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { describe, expect, it } from "vitest";
import { LayeredContext } from "../../src/core/layeredContext.js";
import { AsyncContexts } from "../../src/node/asyncContexts.js";

const KEY = createContextKey("test");

const managers: readonly [name: string, create: () => ContextManager][] = [
  ["ours", () => new AsyncContexts().enable()],
  ["the official one", () => new AsyncLocalStorageContextManager().enable()],
];

const contexts: readonly [name: string, make: (value: string) => Context][] = [
  ["of the API", (value) => ROOT_CONTEXT.setValue(KEY, value)],
  ["in layers", (value) => LayeredContext.on(ROOT_CONTEXT).setValue(KEY, value)],
];

describe.each(managers)("%s", (_manager, create) => {
  describe.each(contexts)("with contexts %s", (_contexts, make) => {
    const start = () => {
      const manager = create();
      return { manager, seen: () => manager.active().getValue(KEY) };
    };

    it("is at the API's root where nothing is active", () => {
      expect(start().manager.active()).toBe(ROOT_CONTEXT);
    });

    it("runs functions in the very context, with receiver and arguments, and hands on what they return and throw", () => {
      const { manager, seen } = start();
      const context = make("a");
      const receiver = { name: "receiver" };
      const fn = function (this: unknown, ...args: unknown[]) {
        return [this, manager.active() === context, ...args];
      };
      expect(manager.with(context, fn, receiver as never, 1, 2)).toEqual([receiver, true, 1, 2]);
      expect(manager.with(context, fn)).toEqual([null, true]);
      const error = new Error("no");
      const fail = (): unknown => {
        throw error;
      };
      expect(() => manager.with(context, fail)).toThrow(error);
      expect(seen()).toBeUndefined();
    });

    it("nests, and keeps contexts of things that happen at the same time apart", async () => {
      const { manager, seen } = start();
      const later = async (name: string): Promise<unknown> => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        return [name, seen(), manager.with(make(`${name}2`), seen), await Promise.resolve().then(seen)];
      };
      const all = ["a", "b"].map((name) => manager.with(make(name), () => later(name)));
      expect(await Promise.all(all)).toEqual([
        ["a", "a", "a2", "a"],
        ["b", "b", "b2", "b"],
      ]);
      expect(seen()).toBeUndefined();
    });

    it("binds functions", () => {
      const { manager, seen } = start();
      const receiver = {
        bound: manager.bind(make("a"), function (this: unknown, one: number, two: number) {
          return [this === receiver, seen(), one, two];
        }),
      };
      expect(manager.with(make("b"), () => receiver.bound(1, 2))).toEqual([true, "a", 1, 2]);
      expect(receiver.bound.length).toBe(2);
    });

    it("leaves what is neither function nor emitter as it is", () => {
      const { manager } = start();
      const object = { on: 1 };
      expect([manager.bind(make("a"), object), manager.bind(make("a"), 7)]).toEqual([object, 7]);
    });

    it.each(["on", "addListener", "once", "prependListener", "prependOnceListener"] as const)(
      "binds listeners that are added by %s",
      (add) => {
        const { manager, seen } = start();
        const emitter = new EventEmitter();
        const told: unknown[] = [];
        const before = () => told.push(["before", seen()]);
        emitter.on("event", before);
        expect(manager.bind(make("a"), emitter)).toBe(emitter);
        manager.bind(make("b"), emitter);
        const listener = function (this: unknown, ...args: unknown[]) {
          told.push([this === emitter, seen(), ...args]);
        };
        expect(emitter[add]("event", listener)).toBe(emitter);
        manager.with(make("c"), () => [1, 2].map((n) => emitter.emit("event", n)));
        const first = [
          ["before", "c"],
          [true, "a", 1],
        ];
        const isOnce = add.toLowerCase().includes("once");
        const second = isOnce
          ? [["before", "c"]]
          : [
              ["before", "c"],
              [true, "a", 2],
            ];
        const order = (pairs: unknown[][]) => (add.startsWith("prepend") ? pairs.reverse() : pairs);
        expect(told).toEqual([...order(first), ...order(second)]);
        expect(emitter.listenerCount("event")).toBe(isOnce ? 1 : 2);
      },
    );

    it.each(["off", "removeListener"] as const)("removes by the original with %s", (remove) => {
      const { manager } = start();
      const emitter = manager.bind(make("a"), new EventEmitter());
      const told: unknown[] = [];
      const [each, first] = [() => told.push("each"), () => told.push("first")];
      emitter.on("event", each).once("event", first).prependListener("other", each);
      for (const event of ["event", "other", "none"]) for (const fn of [each, first]) emitter[remove](event, fn);
      emitter.emit("event");
      emitter.emit("other");
      expect([told, emitter.eventNames()]).toEqual([[], []]);
    });

    it("removes all, and binds what is added after that", () => {
      const { manager, seen } = start();
      const emitter = manager.bind(make("a"), new EventEmitter());
      const told: unknown[] = [];
      emitter.on("event", () => told.push("gone")).on("other", () => told.push("gone"));
      emitter.removeAllListeners("event").removeAllListeners();
      emitter.on("event", () => told.push(seen()));
      emitter.emit("event");
      emitter.emit("other");
      expect(told).toEqual(["a"]);
    });

    it("binds streams, whose listeners start them", async () => {
      const { manager, seen } = start();
      const stream = manager.bind(make("a"), new PassThrough());
      const told: unknown[] = [];
      stream.on("data", (chunk) => told.push([String(chunk), seen()]));
      stream.end("x");
      await once(stream, "end");
      expect(told).toEqual([["x", "a"]]);
    });

    it("is at the root again when it is disabled", () => {
      const { manager, seen } = start();
      manager.with(make("a"), () => {
        expect(seen()).toBe("a");
        manager.disable();
        expect(manager.active()).toBe(ROOT_CONTEXT);
      });
    });
  });
});

describe("ours", () => {
  it("lists listeners by the originals, as emitters do", () => {
    const emitter = new AsyncContexts().bind(ROOT_CONTEXT, new EventEmitter());
    const listener = (): void => undefined;
    emitter.on("event", listener).once("event", listener);
    expect(emitter.listeners("event")).toEqual([listener, listener]);
    emitter.emit("event");
    expect(emitter.listeners("event")).toEqual([listener]);
  });

  it("removes one that was added twice, each in turn", () => {
    const emitter = new AsyncContexts().bind(ROOT_CONTEXT, new EventEmitter());
    const listener = (): void => undefined;
    emitter.on("event", listener).once("event", listener);
    emitter.off("event", listener).off("event", listener);
    expect(emitter.listenerCount("event")).toBe(0);
  });

  it("leaves it to emitters to refuse what is no listener", () => {
    const emitter = new AsyncContexts().bind(ROOT_CONTEXT, new EventEmitter());
    for (const add of ["on", "once"] as const) {
      expect(() => emitter[add]("event", 7 as never)).toThrow(/"listener" argument must be of type function/);
    }
  });
});
