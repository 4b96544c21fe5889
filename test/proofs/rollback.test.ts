/**
 * The way back. Convex keeps the arguments of jobs that wait, so code that is deployed later gets what earlier code wrote:
 * `docs/adopting.md` promises that it runs.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { ConvexBundle } from "../../src/testing/convexBundle.js";
import type { Program } from "./app/program.js";
import { programs } from "./arbitraries.js";
import { effort } from "./effort.js";
import { observe, type Observed } from "./observed.js";
import { DELIVER, type Job, jobsOf, runJobs, type RunOptions, runPrograms } from "./runProgram.js";
import { bundleVariant } from "./variants.js";

/** Where nobody listens: spans are not what this is about. */
const TRACING = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" };
const PROPAGATE_OFF = { CONVEX_OTEL_PROPAGATE: "off" };

let stock: ConvexBundle;
let traced: ConvexBundle;

beforeAll(async () => {
  [stock, traced] = await Promise.all([bundleVariant("stock"), bundleVariant("traced")]);
  // convex-test reports jobs that throw.
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});

/** The jobs that a program left with the platform, with their arguments as they are stored there. */
async function jobsLeftBy(bundle: ConvexBundle, program: Program, env: Record<string, string>): Promise<Job[]> {
  const { backend } = await runPrograms(bundle, [program], { env });
  const jobs = await jobsOf(backend);
  await backend.close();
  return jobs.filter(({ name }) => name !== DELIVER);
}

async function lookAtJobs(bundle: ConvexBundle, jobs: readonly Job[], options: RunOptions): Promise<Observed> {
  const run = await runJobs(bundle, jobs, options);
  try {
    return await observe(run);
  } finally {
    await run.backend.close();
  }
}

const hasCarrier = ({ args }: Job): boolean => JSON.stringify(args).includes('"_otel"');

describe("jobs that instrumented code has scheduled", () => {
  it("run as before when propagation is switched off", { timeout: effort.timeout }, async () => {
    let carriers = 0;
    const property = fc.asyncProperty(programs, async (program) => {
      const plain = await jobsLeftBy(stock, program, {});
      const left = await jobsLeftBy(traced, program, TRACING);
      carriers += left.filter(hasCarrier).length;
      expect(await lookAtJobs(traced, left, { env: PROPAGATE_OFF })).toEqual(await lookAtJobs(stock, plain, {}));
    });
    await fc.assert(property, effort.of(20));
    expect(carriers).toBeGreaterThan(0);
  });

  it("run under plain code once they were scheduled with propagation off", { timeout: effort.timeout }, async () => {
    let ran = 0;
    const property = fc.asyncProperty(programs, async (program) => {
      const left = await jobsLeftBy(traced, program, { ...TRACING, ...PROPAGATE_OFF });
      expect(left.filter(hasCarrier)).toEqual([]);
      ran += left.length;
      expect(await lookAtJobs(stock, left, {})).toEqual(
        await lookAtJobs(stock, await jobsLeftBy(stock, program, {}), {}),
      );
    });
    await fc.assert(property, effort.of(20));
    expect(ran).toBeGreaterThan(0);
  });

  // Why the step between is needed.
  it("fail under plain code while they carry a trace", async () => {
    const body = [{ do: "schedule", node: { id: "n1", fn: "inner:m", type: "mutation", body: [] } }] as const;
    const program: Program = { root: { id: "n0", fn: "open:m", type: "mutation", body }, isHttp: false };
    const { jobs } = await lookAtJobs(stock, await jobsLeftBy(traced, program, TRACING), {});
    expect(jobs).toEqual([expect.stringMatching(/^inner:m failed/)]);
  });
});
