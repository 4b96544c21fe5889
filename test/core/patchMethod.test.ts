/** Methods that are replaced: as before where nothing is recorded, the replacement below a span that is. */
import { expect, it, vi } from "vitest";
import { patchRecorded, type RecordedReplacement } from "../../src/core/patchMethod.js";
import { getActiveSpan, suppressTracing } from "../../src/index.js";
import { recordSpans, request } from "../adapters/cache/harness.js";

recordSpans();

class Store {
  readonly #prefix = "value of ";

  get(this: Store | undefined, key: string, ...rest: readonly number[]): string {
    if (this === undefined) throw new TypeError("no receiver");
    return `${this.#prefix}${[key, ...rest].join(",")}`;
  }
}

const shout: RecordedReplacement = (_asking, original) => String(original()).toUpperCase();

it("calls the method as it was called, where nothing is recorded", () => {
  const replacement = vi.fn(shout);
  const store = new Store();
  expect(patchRecorded(store, "get", replacement)).toBe(true);
  expect(store.get("a", 1, 2)).toBe("value of a,1,2");
  expect(suppressTracing(() => store.get("a"))).toBe("value of a");
  const { get } = store;
  expect(() => get.call(undefined, "a")).toThrow("no receiver");
  expect(replacement).not.toHaveBeenCalled();
});

it("gives the replacement the span that asks, the arguments and what the method was called on", async () => {
  const store = new Store();
  const heir = Object.create(store) as Store;
  const replacement = vi.fn<RecordedReplacement>((_asking, original) => original(["b"]));
  patchRecorded(store, "get", replacement);
  await request("GET /", () => {
    expect(() => heir.get("a", 1)).toThrow(TypeError);
    expect(store.get("a", 1)).toBe("value of b");
    expect(replacement).toHaveBeenLastCalledWith(getActiveSpan(), expect.any(Function), ["a", 1], store);
    expect(replacement.mock.calls[0]?.[3]).toBe(heir);
  });
});

it("stays hidden, keeps name and length, and leaves alone what cannot be changed", () => {
  const store = new Store();
  patchRecorded(store, "get", shout);
  expect([Object.keys(store), store.get.name, store.get.length]).toEqual([[], "get", 1]);
  expect(patchRecorded(Object.freeze(new Store()), "get", shout)).toBe(false);
  expect(patchRecorded(store, "missing", shout)).toBe(false);
});
