/** For any program: a store that is instrumented answers as the plain one does, and `cached` as its rules say. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCache, instrumentCache } from "../../../src/adapters/cache/index.js";
import { fakeClock } from "../../../src/testing/index.js";
import { recordSpans, request } from "./harness.js";

recordSpans();

const key = fc.constantFrom("a", "b", "c");
const value = fc.constantFrom(undefined, null, false, 0, "", "text", 1);

type StoreStep = readonly ["get" | "set" | "delete" | "has" | "clear", string, unknown];

const storeStep: fc.Arbitrary<StoreStep> = fc.tuple(
  fc.constantFrom("get", "get", "set", "set", "delete", "has", "clear"),
  key,
  value,
);

/** What each step returned; the map itself as a word, since it differs. */
function runOn(map: Map<string, unknown>, steps: readonly StoreStep[]): unknown[] {
  return steps.map(([name, at, given]) => {
    const result = name === "clear" ? map.clear() : name === "set" ? map.set(at, given) : map[name](at);
    return result === map ? "the map" : result;
  });
}

describe("an instrumented map", () => {
  it("answers as a plain one, traced or not", async () => {
    const programs = fc.asyncProperty(fc.array(storeStep, { maxLength: 40 }), fc.boolean(), async (steps, isTraced) => {
      const map = instrumentCache(new Map<string, unknown>());
      const plain = new Map<string, unknown>();
      const seen = isTraced ? await request("GET /", () => runOn(map, steps)) : runOn(map, steps);
      expect(seen).toEqual(runOn(plain, steps));
      expect([...map]).toEqual([...plain]);
    });
    await fc.assert(programs, { numRuns: 200 });
  });
});

type CacheStep =
  | { readonly do: "cached"; readonly key: string; readonly fails: boolean }
  | { readonly do: "delete"; readonly key: string }
  | { readonly do: "wait"; readonly ms: number };

const cacheStep: fc.Arbitrary<CacheStep> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("cached" as const), key, fails: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const), key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1, 999, 1_000, 5_000) }) },
);

const lifetime = fc.record({
  ttl: fc.constantFrom(0, 1, 2),
  staleWhileRevalidate: fc.constantFrom(0, 1, 3),
  staleIfError: fc.constantFrom(0, 2),
});

describe("cached", () => {
  /** One step after the other: what comes back follows from the rules alone. */
  it("returns what its rules say, step by step", async () => {
    const programs = fc.asyncProperty(fc.array(cacheStep, { maxLength: 30 }), lifetime, async (steps, times) => {
      const clock = fakeClock();
      const { cached, delete: remove } = createCache(new Map(), { ...times, clock });
      const model = new Map<string, { readonly value: number; readonly at: number }>();
      let count = 0;
      for (const step of steps) {
        if (step.do === "wait") clock.advance(step.ms);
        else if (step.do === "delete") {
          await remove(step.key);
          model.delete(step.key);
        } else {
          count += 1;
          const own = count;
          const error = new Error("fails");
          const load = (): number => {
            if (step.fails) throw error;
            return own;
          };
          const seen = await cached(step.key, load).catch((thrown: unknown) => thrown);
          await new Promise((done) => setImmediate(done));
          const entry = model.get(step.key);
          const past = entry === undefined ? Infinity : (clock.now() - entry.at) / 1000 - times.ttl;
          const isServed = entry !== undefined && past < times.staleWhileRevalidate;
          const standsIn = entry !== undefined && step.fails && past < times.staleIfError;
          const expected = past < 0 || isServed || standsIn ? entry?.value : step.fails ? error : own;
          expect(seen).toBe(expected);
          if (past >= 0 && !step.fails && times.ttl > 0) model.set(step.key, { value: own, at: clock.now() });
        }
      }
    });
    await fc.assert(programs, { numRuns: 300 });
  });

  /** All at once, on a store that answers when it likes: what must hold however it goes. */
  it("never loads a key twice at once, never answers with what was removed before, whatever the order", async () => {
    const steps = fc.array(cacheStep, { minLength: 2, maxLength: 15 });
    const programs = fc.asyncProperty(
      fc.scheduler(),
      steps,
      lifetime,
      fc.boolean(),
      async (s, program, times, isSync) => {
        const clock = fakeClock();
        const map = new Map<string, unknown>();
        const later = {
          get: (at: string) => s.schedule(Promise.resolve(), `get ${at}`).then(() => map.get(at)),
          set: (at: string, given: unknown) =>
            s.schedule(Promise.resolve(), `set ${at}`).then(() => map.set(at, given)),
          delete: (at: string) => s.schedule(Promise.resolve(), `delete ${at}`).then(() => map.delete(at)),
        };
        const { cached, delete: remove } = createCache(isSync ? map : later, { ...times, clock });
        const problems: string[] = [];
        const loading = new Set<string>();
        /** Loads that began before a removal which had ended, by key. */
        const removedBefore = new Map<string, number>();
        let began = 0;
        const load = (at: string, fails: boolean) => async (): Promise<number> => {
          const own = (began += 1);
          if (loading.has(at)) problems.push(`${at} is loaded twice at once`);
          loading.add(at);
          await s.schedule(Promise.resolve(), `load ${at}`);
          loading.delete(at);
          if (fails) throw new Error(`load ${own} fails`);
          return own;
        };
        const run = async (step: CacheStep): Promise<void> => {
          if (step.do === "wait") clock.advance(step.ms);
          else if (step.do === "delete") {
            const last = began;
            await remove(step.key);
            removedBefore.set(step.key, Math.max(removedBefore.get(step.key) ?? 0, last));
          } else {
            const least = removedBefore.get(step.key) ?? 0;
            const seen = await cached(step.key, load(step.key, step.fails)).catch(() => undefined);
            if (seen !== undefined && seen <= least) problems.push(`${step.key} is ${seen}, which was removed`);
          }
        };
        const all = request("GET /", async () => {
          await Promise.all(
            program.map((step, index) => s.schedule(Promise.resolve(), `step ${index}`).then(() => run(step))),
          );
        });
        await s.waitFor(all);
        await s.waitIdle();
        expect(problems).toEqual([]);
      },
    );
    await fc.assert(programs, { numRuns: 300 });
  });
});
