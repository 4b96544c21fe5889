/**
 * Generators for property tests of the codecs, and the run parameters that make those tests repeatable.
 */
import fc from "fast-check";
import type { SpanContext } from "../../src/core/types.js";
import type { BaggageEntry, BaggageProperty, Lineage } from "../../src/propagation/index.js";

/** The same cases on every run: a failure is a change of the code, never luck. */
export const runs: fc.Parameters<unknown> = { seed: 20260101, numRuns: 300 };

function text(alphabet: string, minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });
}

/** Every value of JavaScript, with many strings of all kinds among them. */
export const anything = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSet: true }),
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ unit: fc.constantFrom(..."0af-,=; \t;%:@"), maxLength: 120 }),
);

function hex(length: number): fc.Arbitrary<string> {
  return text("0123456789abcdef", length, length).filter((id) => /[^0]/.test(id));
}

export const traceId = hex(32);
export const spanId = hex(16);

const keyStart = "abcdefghijklmnopqrstuvwxyz0123456789";
const valueCharacter = Array.from({ length: 0x7f - 0x20 }, (_, at) => String.fromCharCode(0x20 + at))
  .filter((character) => character !== "," && character !== "=")
  .join("");

/** Legal lists of members with distinct keys, possibly empty; `maxLength` of keys and values each. */
export function tracestateList(maxMembers: number, maxLength: number): fc.Arbitrary<string> {
  const key = fc
    .tuple(text(keyStart, 1, 1), text(`${keyStart}_-*/@`, 0, maxLength - 1))
    .map((parts) => parts.join(""))
    .filter((name) => name !== "cvx");
  const value = fc
    .tuple(text(valueCharacter, 0, maxLength - 1), text(valueCharacter.trim(), 1, 1))
    .map((parts) => parts.join(""));
  return fc
    .uniqueArray(fc.tuple(key, value), { maxLength: maxMembers, selector: ([name]) => name })
    .map((members) => members.map((member) => member.join("=")).join(","));
}

const token = text("abcXYZ019!#$%&'*+-.^_`|~", 1, 12);

/** Text that survives a round trip: no lone surrogates, which have no UTF-8. */
const wellFormed = fc.string({ unit: "binary", maxLength: 24 }).filter((value) => !/[\ud800-\udfff]/u.test(value));

const property: fc.Arbitrary<BaggageProperty> = fc.record(
  { key: token, value: wellFormed },
  { requiredKeys: ["key"], noNullPrototype: true },
);

export const baggageEntry: fc.Arbitrary<BaggageEntry> = fc.record(
  { key: token, value: wellFormed, properties: fc.array(property, { minLength: 1, maxLength: 3 }) },
  { requiredKeys: ["key", "value"], noNullPrototype: true },
);

const time = fc.integer({ min: 0, max: 4_102_444_800_000 });

export const lineage: fc.Arbitrary<Lineage> = fc.record(
  {
    hops: fc.integer({ min: 0, max: 1_000_000 }),
    rootStartTime: time,
    edge: fc.constantFrom("call" as const, "nested" as const, "scheduled" as const),
    callerTime: time.chain((whole) => fc.integer({ min: 0, max: 9 }).map((tenths) => (whole * 10 + tenths) / 10)),
    dueTime: time,
    callee: text("abz019_-./:", 1, 60),
  },
  { requiredKeys: ["hops", "rootStartTime"], noNullPrototype: true },
);

/** A context as one call hands it to the next: its `traceState` is canonical and fits. */
export const spanContext: fc.Arbitrary<SpanContext> = fc
  .record(
    { traceId, spanId, traceFlags: fc.integer({ min: 0, max: 3 }), traceState: tracestateList(4, 20) },
    { noNullPrototype: true },
  )
  .map(({ traceState, ...ids }) => (traceState === "" ? ids : { ...ids, traceState }));
