/** Where the active context lives, also on runtimes without AsyncLocalStorage. */
import { describe, expect, it } from "vitest";
import { entryContextStore } from "../../src/core/context.js";
import type { ActiveContext } from "../../src/core/ports.js";
import { newRecorder } from "./support.js";

function contextOf(name: string): ActiveContext {
  return { span: newRecorder().entry, call: { hops: 0, rootStartTime: 0, correlationId: name } };
}

describe("without AsyncLocalStorage", () => {
  it("the execution is active until it settles, whatever runs inside of it", async () => {
    const store = entryContextStore();
    const outer = contextOf("outer");
    await store.run(outer, async () => {
      store.run({ ...outer, span: newRecorder().entry }, () => expect(store.active()).toBe(outer));
      await Promise.resolve();
      expect(store.active()).toBe(outer);
      store.run(undefined, () => expect(store.active()).toBe(outer));
    });
    expect(store.active()).toBeUndefined();
  });

  it("ends when the execution fails, at once or later", async () => {
    const store = entryContextStore();
    const fail = () => {
      throw new Error("no");
    };
    expect(() => store.run(contextOf("a"), fail)).toThrow("no");
    expect(store.active()).toBeUndefined();
    await expect(store.run(contextOf("b"), async () => fail())).rejects.toThrow("no");
    expect(store.active()).toBeUndefined();
  });

  it("is suppressed until the first await, which is as far as it can see", () => {
    const store = entryContextStore();
    const outer = contextOf("outer");
    store.run(outer, () => {
      store.run({ ...outer, span: undefined }, () => expect(store.active()?.span).toBeUndefined());
      expect(store.active()).toBe(outer);
    });
  });
});
