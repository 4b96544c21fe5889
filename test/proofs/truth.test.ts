/**
 * Proof of truth: the spans that an OTLP receiver gets are exactly the calls that the runtime executed, for programs made at
 * random. Whatever fails is printed as the smallest program that fails. `npm run test:soak` does the same for minutes.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { ConvexBundle } from "../../src/testing/convexBundle.js";
import { programs } from "./arbitraries.js";
import { bundleOutbox } from "./outbox.js";
import { conflictsFor, findTruth, type Truth } from "./properties.js";
import { effort } from "./effort.js";
import type { RunOptions } from "./runProgram.js";
import { bundleVariant, type Variant } from "./variants.js";

const ORDINARY = { isOffSkipped: false, maxHops: 32 };

const bundles = new Map<Variant, ConvexBundle>();

beforeAll(async () => {
  for (const variant of ["traced", "oneOff", "shortTraces", "outbox", "outboxOneOff"] as const)
    bundles.set(variant, await bundleVariant(variant));
  // convex-test reports jobs that throw.
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});

function bundle(variant: Variant): ConvexBundle {
  return bundles.get(variant) ?? expect.fail(`no bundle of ${variant}`);
}

function expectTruth({ received, expected, problems }: Truth): void {
  expect(received).toBe(expected);
  expect(problems).toEqual([]);
}

describe("the spans of a program", () => {
  it("are the calls that ran", { timeout: effort.timeout }, async () => {
    const property = fc.asyncProperty(programs, async (program) => {
      expectTruth(await findTruth(bundle("traced"), [program], ORDINARY));
    });
    await fc.assert(property, effort.of(40));
  });

  it("are those of the attempts that were committed", { timeout: effort.timeout }, async () => {
    const property = fc.asyncProperty(programs, async (program) => {
      const conflicts = conflictsFor(program);
      expectTruth(await findTruth(bundle("traced"), [program], ORDINARY, { conflicts }));
    });
    await fc.assert(property, effort.of(18));
  });

  it("are not mixed up with those of one that runs at the same time", { timeout: effort.timeout }, async () => {
    const property = fc.asyncProperty(programs, programs, async (one, other) => {
      expectTruth(await findTruth(bundle("traced"), [one, other], ORDINARY));
    });
    await fc.assert(property, effort.of(15));
  });

  it("hang together where functions are not recorded", { timeout: effort.timeout }, async () => {
    const rules = { isOffSkipped: true, maxHops: 32 };
    const property = fc.asyncProperty(programs, async (program) => {
      expectTruth(await findTruth(bundle("oneOff"), [program], rules));
    });
    await fc.assert(property, effort.of(18));
  });

  it("begin a new trace, with a link, after so many hops", { timeout: effort.timeout }, async () => {
    const rules = { isOffSkipped: false, maxHops: 1 };
    const property = fc.asyncProperty(programs, async (program) => {
      expectTruth(await findTruth(bundle("shortTraces"), [program], rules));
    });
    await fc.assert(property, effort.of(18));
  });

  it("leave whole traces or nothing where half of them are sampled", { timeout: effort.timeout }, async () => {
    await expectHalf(bundle("traced"), {});
  });
});

/** Whole traces, and about half of them. */
async function expectHalf(app: ConvexBundle, options: RunOptions): Promise<void> {
  const env = { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.5" };
  let traces = { expected: 0, received: 0 };
  const property = fc.asyncProperty(programs, async (program) => {
    const { received, expected, problems } = await findTruth(app, [program], ORDINARY, { ...options, env });
    const left = tracesOf(expected);
    traces = { expected: traces.expected + left.length, received: traces.received + tracesOf(received).length };
    for (const trace of tracesOf(received)) expect(left.splice(left.indexOf(trace), 1)).toEqual([trace]);
    expect(problems).toEqual([]);
  });
  await fc.assert(property, effort.of(18));
  expect(traces.received).toBeGreaterThan(0);
  expect(traces.received).toBeLessThan(traces.expected);
}

describe("the spans of a program that leave through the outbox", () => {
  it("are the calls that ran", { timeout: effort.timeout }, async () => {
    const outbox = await bundleOutbox();
    const property = fc.asyncProperty(programs, async (program) => {
      expectTruth(await findTruth(bundle("outbox"), [program], ORDINARY, { outbox }));
    });
    await fc.assert(property, effort.of(18));
  });

  it("are those of the attempts that were committed", { timeout: effort.timeout }, async () => {
    const outbox = await bundleOutbox();
    const property = fc.asyncProperty(programs, async (program) => {
      const conflicts = {
        ...conflictsFor(program),
        "otel/claim:claim": 2,
        "otel/settle:settle": 1,
        "otel/wake:wake": 3,
      };
      expectTruth(await findTruth(bundle("outbox"), [program], ORDINARY, { outbox, conflicts }));
    });
    await fc.assert(property, effort.of(15));
  });

  it("are not mixed up with those of one that runs at the same time", { timeout: effort.timeout }, async () => {
    const outbox = await bundleOutbox();
    const property = fc.asyncProperty(programs, programs, async (one, other) => {
      expectTruth(await findTruth(bundle("outbox"), [one, other], ORDINARY, { outbox }));
    });
    await fc.assert(property, effort.of(15));
  });

  it("hang together where functions are not recorded", { timeout: effort.timeout }, async () => {
    const outbox = await bundleOutbox();
    const rules = { isOffSkipped: true, maxHops: 32 };
    const property = fc.asyncProperty(programs, async (program) => {
      expectTruth(await findTruth(bundle("outboxOneOff"), [program], rules, { outbox }));
    });
    await fc.assert(property, effort.of(10));
  });

  it("leave whole traces or nothing where half of them are sampled", { timeout: effort.timeout }, async () => {
    await expectHalf(bundle("outbox"), { outbox: await bundleOutbox() });
  });
});

/** The texts of single traces. A root is a line that is not indented. */
function tracesOf(text: string): string[] {
  return text === "" ? [] : text.split(/\n(?! )/);
}
