/**
 * Proof of inertness: programs made at random run with the library as without it, whatever becomes of their spans. Same results
 * and errors, same reads, writes and jobs, and queries that Convex caches just as well. Whatever fails is printed as the smallest
 * program that fails. `npm run test:soak` does the same for minutes.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { ConvexBundle } from "../../src/testing/convexBundle.js";
import { type OtlpReceiver, type ReceiverAnswer, startOtlpReceiver } from "../../src/testing/index.js";
import type { StrictBackend } from "../../src/testing/strict/index.js";
import { programs } from "./arbitraries.js";
import { effort } from "./effort.js";
import { bundleOutbox } from "./outbox.js";
import { conflictsFor, look } from "./properties.js";
import { buildShipped, bundleVariant, type Variant } from "./variants.js";

const bundles = new Map<Variant, ConvexBundle>();
let outbox: ConvexBundle;
let receiver: OtlpReceiver;
let closedPort: number;
let folder: string;

beforeAll(async () => {
  for (const variant of ["stock", "traced", "oneOff", "outbox", "outboxOneOff"] as const)
    bundles.set(variant, await bundleVariant(variant));
  outbox = await bundleOutbox();
  receiver = await startOtlpReceiver();
  closedPort = await freePort();
  // Inside of the project, where `convex` is found.
  const cache = resolve(import.meta.dirname, "../../.cache");
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(join(cache, "shipped-"));
  // convex-test reports jobs that throw.
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await receiver.close();
});

/** A port where nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function bundle(variant: Variant): ConvexBundle {
  return bundles.get(variant) ?? expect.fail(`no bundle of ${variant}`);
}

const up = () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
const down = () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${closedPort}` });

interface Condition {
  readonly name: string;
  readonly variant?: Variant;
  readonly env: () => Record<string, string>;
  readonly answer?: ReceiverAnswer;
  readonly lacking?: StrictBackend;
  readonly hasOutbox?: boolean;
  readonly runs: number;
}

/** A job that waits longer would only take longer. */
const hanging = () => ({ ...up(), OTEL_EXPORTER_OTLP_TIMEOUT: "30" });

const CONDITIONS: readonly Condition[] = [
  { name: "all of them are recorded and sent", env: up, runs: 30 },
  { name: "there is no exporter", env: () => ({}), runs: 8 },
  { name: "it is disabled", env: () => ({ ...up(), OTEL_SDK_DISABLED: "true" }), runs: 8 },
  { name: "none of them is sampled", env: () => ({ ...up(), OTEL_TRACES_SAMPLER: "always_off" }), runs: 8 },
  {
    name: "half of them are sampled",
    env: () => ({ ...up(), OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.5" }),
    runs: 8,
  },
  { name: "some functions are not recorded", variant: "oneOff", env: up, runs: 8 },
  { name: "nothing is propagated", env: () => ({ ...up(), CONVEX_OTEL_PROPAGATE: "off" }), runs: 8 },
  { name: "the endpoint is down", env: down, runs: 8 },
  { name: "the endpoint refuses spans", env: up, answer: { status: 400 }, runs: 8 },
  { name: "the endpoint is overloaded", env: up, answer: { status: 503 }, runs: 8 },
  { name: "the endpoint never answers", env: hanging, answer: { fault: "hang" }, runs: 8 },
  { name: "the backend has no clock that runs", env: up, lacking: { performance: false }, runs: 8 },
  { name: "the backend has no AsyncLocalStorage", env: up, lacking: { asyncLocalStorage: false }, runs: 8 },
  { name: "the backend tells nothing about calls", env: up, lacking: { meta: [] }, runs: 8 },
  { name: "connections break off", env: up, answer: { fault: "reset" }, runs: 8 },
  { name: "the outbox is not installed", variant: "outbox", env: up, runs: 8 },
];

/** All with a variant that hands its spans to the component. */
const OUTBOX_CONDITIONS = throughOutbox([
  { name: "all of them are recorded and sent", env: up, runs: 20 },
  { name: "there is no exporter", env: () => ({}), runs: 8 },
  {
    name: "half of them are sampled",
    env: () => ({ ...up(), OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.5" }),
    runs: 8,
  },
  { name: "nothing is propagated", env: () => ({ ...up(), CONVEX_OTEL_PROPAGATE: "off" }), runs: 8 },
  { name: "the endpoint is down", env: down, runs: 8 },
  { name: "the endpoint refuses spans", env: up, answer: { status: 400 }, runs: 8 },
  { name: "the endpoint is overloaded", env: up, answer: { status: 503 }, runs: 8 },
  { name: "the endpoint never answers", env: hanging, answer: { fault: "hang" }, runs: 5 },
  { name: "connections break off", env: up, answer: { fault: "reset" }, runs: 5 },
  { name: "it is disabled", env: () => ({ ...up(), OTEL_SDK_DISABLED: "true" }), runs: 5 },
  { name: "some functions are not recorded", variant: "outboxOneOff", env: up, runs: 5 },
  { name: "the backend has no clock that runs", env: up, lacking: { performance: false }, runs: 5 },
  { name: "the backend has no AsyncLocalStorage", env: up, lacking: { asyncLocalStorage: false }, runs: 5 },
  { name: "the backend tells nothing about calls", env: up, lacking: { meta: [] }, runs: 8 },
]);

function throughOutbox(conditions: readonly Condition[]): readonly Condition[] {
  return conditions.map((condition) => ({ variant: "outbox", ...condition, hasOutbox: true }));
}

async function expectInert(condition: Condition): Promise<void> {
  const { variant = "traced", env, answer = {}, lacking = {}, hasOutbox = false, runs } = condition;
  const options = { lacking, outbox: hasOutbox ? outbox : undefined };
  receiver.respond(() => answer);
  const property = fc.asyncProperty(programs, async (program) => {
    const without = await look(bundle("stock"), program, { lacking });
    expect(await look(bundle(variant), program, { ...options, env: env() })).toEqual(without);
    receiver.reset();
  });
  await fc.assert(property, effort.of(runs));
}

describe("a program runs as without the library while its spans leave through the outbox, and", () => {
  it.each(OUTBOX_CONDITIONS)("$name", { timeout: effort.timeout }, expectInert);

  it("mutations lose attempts to conflicts, those of the outbox too", { timeout: effort.timeout }, async () => {
    receiver.respond([]);
    const ofOutbox = { "otel/wake:wake": 2, "otel/claim:claim": 1, "otel/settle:settle": 3 };
    const property = fc.asyncProperty(programs, async (program) => {
      const conflicts = conflictsFor(program);
      const without = await look(bundle("stock"), program, { conflicts });
      const options = { conflicts: { ...conflicts, ...ofOutbox }, env: up(), outbox };
      expect(await look(bundle("outbox"), program, options)).toEqual(without);
    });
    await fc.assert(property, effort.of(10));
  });

  it("the package is as it is shipped for Convex", { timeout: effort.timeout }, async () => {
    receiver.respond([]);
    const shipped = await bundleVariant("outbox", { library: await buildShipped(folder) });
    const property = fc.asyncProperty(programs, async (program) => {
      const without = await look(bundle("stock"), program, {});
      expect(await look(shipped, program, { env: up(), outbox })).toEqual(without);
    });
    await fc.assert(property, effort.of(10));
  });
});

describe("a program runs as without the library while", () => {
  it.each(CONDITIONS)("$name", { timeout: effort.timeout }, expectInert);

  it("its mutations lose attempts to conflicts", { timeout: effort.timeout }, async () => {
    receiver.respond([]);
    const property = fc.asyncProperty(programs, async (program) => {
      const conflicts = conflictsFor(program);
      const without = await look(bundle("stock"), program, { conflicts });
      expect(await look(bundle("traced"), program, { conflicts, env: up() })).toEqual(without);
    });
    await fc.assert(property, effort.of(15));
  });

  it("the package is as it is shipped for Convex", { timeout: effort.timeout }, async () => {
    receiver.respond([]);
    const shipped = await bundleVariant("traced", { library: await buildShipped(folder) });
    const property = fc.asyncProperty(programs, async (program) => {
      const without = await look(bundle("stock"), program, {});
      expect(await look(shipped, program, { env: up() })).toEqual(without);
    });
    await fc.assert(property, effort.of(15));
  });
});
