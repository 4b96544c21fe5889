/** Contexts in layers: the same values as in a map that is copied, whatever they lie on. */
import { ROOT_CONTEXT } from "@opentelemetry/api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LayeredContext } from "../../src/core/layeredContext.js";
import type { OtelContext } from "../../src/core/otelGlobal.js";

const KEYS = ["span", "baggage", "incoming", "request", "suppressed"].map((name) => Symbol(name));

const keys = fc.constantFrom(...KEYS);
const values = fc.oneof(fc.integer(), fc.constantFrom(undefined, null, false, ""));
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ key: keys, value: values }) },
  { weight: 1, arbitrary: fc.record({ key: keys }) },
);
const steps = fc.array(step, { maxLength: 30 });

/** A context beside the map that it stands for. */
interface Modelled {
  readonly context: OtelContext;
  readonly model: ReadonlyMap<symbol, unknown>;
}

type Step = { readonly key: symbol; readonly value?: unknown };

function take({ context, model }: Modelled, change: Step): Modelled {
  const next = new Map(model);
  if ("value" in change) {
    next.set(change.key, change.value);
    return { context: context.setValue(change.key, change.value), model: next };
  }
  next.delete(change.key);
  return { context: context.deleteValue(change.key), model: next };
}

function expectSame({ context, model }: Modelled): void {
  expect(KEYS.map((key) => context.getValue(key))).toEqual(KEYS.map((key) => model.get(key)));
}

describe("a context in layers", () => {
  it("has the values of a map, on whatever it lies, and no later change reaches it", () => {
    fc.assert(
      fc.property(steps, steps, (below, above) => {
        const official = below.reduce<Modelled>(take, { context: ROOT_CONTEXT, model: new Map() });
        const all: Modelled[] = [{ context: LayeredContext.on(official.context), model: official.model }];
        for (const change of above) all.push(take(all.at(-1) ?? expect.fail("none"), change));
        all.forEach(expectSame);
        expectSame(official);
      }),
    );
  });

  it("branches", () => {
    fc.assert(
      fc.property(steps, steps, steps, (trunk, left, right) => {
        const start: Modelled = { context: LayeredContext.on(undefined), model: new Map() };
        const fork = trunk.reduce(take, start);
        const branches = [left.reduce(take, fork), right.reduce(take, fork)];
        [fork, ...branches].forEach(expectSame);
      }),
    );
  });

  it("is its own where it lies on one already", () => {
    const context = LayeredContext.on(ROOT_CONTEXT).setValue(Symbol("a"), 1);
    expect(LayeredContext.on(context)).toBe(context);
    expect(context.deleteValue(Symbol("b"))).toBe(context);
  });

  it("keeps nothing of values that were replaced or deleted, however often", async () => {
    const [key, other] = [Symbol("key"), Symbol("other")];
    let context = LayeredContext.on(ROOT_CONTEXT).setValue(other, "below");
    const change = (round: number): WeakRef<object> => {
      const value = { round };
      context = round % 10 === 9 ? context.deleteValue(key) : context.setValue(key, value).setValue(other, round);
      return new WeakRef(value);
    };
    const refs = Array.from({ length: 50 }, (_, round) => change(round));
    expect([context.getValue(key), context.getValue(other)]).toEqual([undefined, 48]);
    await new Promise((resolve) => setImmediate(resolve));
    (await collector())();
    expect(refs.filter((ref) => ref.deref() !== undefined)).toEqual([]);
  });

  it("takes as many keys as there are", () => {
    const many = Array.from({ length: 2_000 }, (_, index) => Symbol(index));
    const all = many.reduce((context, key) => context.setValue(key, key.description), LayeredContext.on(undefined));
    const [first = expect.fail("none"), ...others] = many;
    const changed = all.setValue(first, "again").deleteValue(others[5] ?? first);
    expect([first, ...others.slice(4, 7)].map((key) => changed.getValue(key))).toEqual(["again", "5", undefined, "7"]);
  });
});

/** The garbage collector of this process. */
async function collector(): Promise<() => void> {
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([import("node:v8"), import("node:vm")]);
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}
