/** Tests of the proofs: each mistake in `mutants.ts` makes one of them fail. */
import fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { ConvexBundle } from "../../src/testing/convexBundle.js";
import { startOtlpReceiver } from "../../src/testing/index.js";
import { programs } from "./arbitraries.js";
import type { Program } from "./app/program.js";
import { effort } from "./effort.js";
import { MUTANTS, mutation } from "./mutants.js";
import { bundleOutbox } from "./outbox.js";
import { findTruth, look } from "./properties.js";
import { bundleVariant, type Variant } from "./variants.js";

let stock: ConvexBundle;

beforeAll(async () => {
  stock = await bundleVariant("stock");
  // convex-test reports jobs that throw.
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});

async function isInert(mutant: ConvexBundle, program: Program): Promise<boolean> {
  const receiver = await startOtlpReceiver();
  try {
    const without = await look(stock, program, {});
    const traced = await look(mutant, program, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } });
    return JSON.stringify(traced) === JSON.stringify(without);
  } finally {
    await receiver.close();
  }
}

async function isTrue(
  mutant: ConvexBundle,
  variant: Variant,
  program: Program,
  outbox: ConvexBundle | undefined,
): Promise<boolean> {
  const rules = { isOffSkipped: variant === "oneOff", maxHops: variant === "shortTraces" ? 1 : 32 };
  const { received, expected, problems } = await findTruth(mutant, [program], rules, { outbox });
  return received === expected && problems.length === 0;
}

describe("the proofs notice that", () => {
  it.each(MUTANTS)("$name", { timeout: effort.timeout }, async (mutant) => {
    const { against, variant = "traced" } = mutant;
    const plugins = [mutation(mutant)];
    const broken = await bundleVariant(variant, { plugins });
    const outbox = variant === "outbox" ? await bundleOutbox(plugins) : undefined;
    const property = fc.asyncProperty(programs, (program) =>
      against === "inert" ? isInert(broken, program) : isTrue(broken, variant, program, outbox),
    );
    // The smallest counterexample is of no interest here.
    const { failed, errorInstance } = await fc.check(property, { seed: 20_260, numRuns: 60, endOnFailure: true });
    expect(failed).toBe(true);
    // It must be the judgement that fails, not the app that no longer runs.
    expect(String(errorInstance)).toContain("by returning false");
  });
});
