/** Sampling and trust, decided for one call: what is recorded, and what is handed on instead. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CallPlan, planCall } from "../../src/core/plan.js";
import { samplingPolicy } from "../../src/core/samplingPolicy.js";
import { fakeRandom } from "../../src/testing/index.js";

const CALLER = { traceId: "a".repeat(32), spanId: "b".repeat(16), traceFlags: 1, isRemote: true };
const rules = { publicContext: "continue", keepUnsampled: "never", maxHops: 32, maxAgeMs: 3_600_000 } as const;

function plan(
  given: Partial<Parameters<typeof planCall>[0]> & { ratio?: number; rules?: Partial<Parameters<typeof planCall>[2]> },
): CallPlan {
  const { ratio = 1, rules: some, ...arrival } = given;
  return planCall(
    { isTrusted: true, caller: undefined, lineage: undefined, name: "a:b", now: 1000, ...arrival },
    samplingPolicy(ratio, () => undefined),
    { ...rules, ...some },
    fakeRandom(1),
  );
}

describe("a root", () => {
  it.each([
    [1, { mode: "record", sampled: true }],
    [0, { mode: "pass" }],
  ])("share %d", (ratio, expected) => {
    expect(plan({ ratio })).toMatchObject(expected);
  });

  it("that is not sampled hands on a context whose flag says so", () => {
    const { context } = plan({ ratio: 0 }) as { context: { traceFlags: number } };
    expect(context.traceFlags & 1).toBe(0);
  });
});

describe("a trusted caller", () => {
  const unsampled = { ...CALLER, traceFlags: 0 };

  it.each([
    ["sampled: a child", { caller: CALLER }, { mode: "record", sampled: true, parent: CALLER }],
    ["sampled, whatever our share", { caller: CALLER, ratio: 0.001 }, { mode: "record", sampled: true }],
    ["unsampled: its context passes through", { caller: unsampled }, { mode: "pass", context: unsampled }],
    ["sampled, but the function is switched off", { caller: CALLER, ratio: 0 }, { mode: "pass", context: CALLER }],
    [
      "unsampled, errors kept: recorded in case",
      { caller: unsampled, rules: { keepUnsampled: "errors" } },
      { mode: "record", sampled: false, parent: unsampled },
    ],
  ] as const)("%s", (_name, given, expected) => {
    expect(plan(given)).toMatchObject(expected);
  });

  it.each([
    ["within the bound", { hops: 32, rootStartTime: 1000, edge: "scheduled" }, "child"],
    ["one hop too far", { hops: 33, rootStartTime: 1000, edge: "scheduled" }, "root"],
    ["an hour and more after the root", { hops: 1, rootStartTime: 1000 - 3_600_001, edge: "scheduled" }, "root"],
    ["a call is never cut off", { hops: 99, rootStartTime: 0, edge: "call" }, "child"],
    ["nor a nested call", { hops: 99, rootStartTime: 0, edge: "nested" }, "child"],
  ] as const)("%s", (_name, lineage, expected) => {
    const decided = plan({ caller: CALLER, lineage, now: 1000 });
    expect(decided.mode === "record" && (decided.parent === undefined ? "root" : "child")).toBe(expected);
    if (expected !== "root") return;
    expect(decided).toMatchObject({ sampled: true, links: [{ context: CALLER }] });
    // Whoever samples by these bits keeps the new trace as it kept the old one.
    expect((decided as { traceId: string }).traceId.slice(18)).toBe(CALLER.traceId.slice(18));
    expect((decided as { traceId: string }).traceId).not.toBe(CALLER.traceId);
  });
});

describe("a caller from outside", () => {
  const outside = { isTrusted: false, caller: CALLER };

  it("is continued where both sample", () => {
    expect(plan(outside)).toMatchObject({ mode: "record", sampled: true, parent: CALLER });
  });

  it("becomes a link where it did not sample", () => {
    const unsampled = { ...CALLER, traceFlags: 2 };
    const decided = plan({ ...outside, caller: unsampled });
    expect(decided).toMatchObject({ mode: "record", sampled: true, links: [{ context: unsampled }] });
    expect(decided).not.toHaveProperty("parent");
  });

  it("cannot switch our tracing on", () => {
    const decided = plan({ ...outside, ratio: 0 });
    expect(decided).toMatchObject({ mode: "pass", context: { traceId: CALLER.traceId, traceFlags: 0 } });
    expect((decided as { context: { spanId: string } }).context.spanId).not.toBe(CALLER.spanId);
  });
});

describe("every plan", () => {
  it("records a parent, or hands a sampled context on, only if somebody exports that span", () => {
    const context = fc.record({
      traceId: fc.stringMatching(/^[1-9a-f]{32}$/),
      spanId: fc.stringMatching(/^[1-9a-f]{16}$/),
      traceFlags: fc.integer({ min: 0, max: 3 }),
    });
    const given = fc.record({
      isTrusted: fc.boolean(),
      caller: fc.option(context, { nil: undefined }),
      ratio: fc.constantFrom(0, 0.3, 1),
      rules: fc.record({
        publicContext: fc.constantFrom("continue", "link", "ignore"),
        keepUnsampled: fc.constantFrom("never", "errors"),
      }),
    });
    fc.assert(
      fc.property(given, (some) => {
        const decided = plan(some);
        if (decided.mode === "record") {
          if (decided.sampled && decided.parent !== undefined) expect(decided.parent.traceFlags & 1).toBe(1);
        } else if (((decided.context?.traceFlags ?? 0) & 1) === 1) {
          expect(decided.context).toEqual(some.caller);
          expect(some.isTrusted).toBe(true);
        }
      }),
      { seed: 7, numRuns: 1000 },
    );
  });
});

describe("the sampler variables", () => {
  it.each([
    [{}, 1],
    [{ OTEL_TRACES_SAMPLER: "always_on" }, 1],
    [{ OTEL_TRACES_SAMPLER: "parentbased_always_off" }, 0],
    [{ OTEL_TRACES_SAMPLER: "ParentBased_TraceIdRatio", OTEL_TRACES_SAMPLER_ARG: "0.25" }, 0.25],
    [{ OTEL_TRACES_SAMPLER: "traceidratio" }, 1],
    [{ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "lots" }, 1],
    [{ OTEL_TRACES_SAMPLER: "unknown" }, 1],
  ] as const)("%o: %d", (variables, ratio) => {
    const reports: string[] = [];
    const env = (name: string) => Reflect.get(variables, name) as string | undefined;
    const policy = samplingPolicy(undefined, env, ({ message }) => reports.push(message));
    expect(policy.ratio("a:b")).toBe(ratio);
    const isWrong = JSON.stringify(variables).match(/lots|unknown/) !== null;
    expect(reports).toHaveLength(isWrong ? 1 : 0);
  });
});
