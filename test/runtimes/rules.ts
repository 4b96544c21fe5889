/** What must be true of every call in the strict runtime, whatever the test was about. */
import { expect } from "vitest";
import type { StrictCall } from "../../src/testing/strict/index.js";

/** Fails if a call was killed, left something unawaited, or was a query that noticed more than its own code reads. */
export function expectRules(calls: readonly StrictCall[]): void {
  expect(calls.filter(({ outcome }) => outcome === "killed").map(({ path, error }) => [path, error])).toEqual([]);
  expect(calls.filter(({ unawaited }) => unawaited.length > 0).map(({ path, unawaited }) => [path, unawaited])).toEqual(
    [],
  );
  for (const query of calls.filter(({ type }) => type === "query")) {
    expect(query).toMatchObject({
      clockReads: 0,
      randomDraws: 0,
      importReads: { clock: 0, random: 0 },
      envReads: [],
      console: [],
    });
  }
}
