/**
 * Everything that anybody can do to an outbox, in any order: calls, people who pause, resume, purge and try again, backends that come and
 * go, and time that runs out. At each point no span is unaccounted for, and whatever waits has somebody who will come for it.
 */
import fc from "fast-check";
import { afterEach, expect, it, vi } from "vitest";
import { encodeSpans } from "../../src/otlp/index.js";
import { countSpans } from "../../src/otlp/split.js";
import { type OtlpReceiver, type ReceiverScript, startOtlpReceiver } from "../../src/testing/index.js";
import { Backend, NO_LATENCY } from "./concurrent/backend.js";
import { componentModules } from "./concurrent/componentModules.js";
import { ENVELOPE } from "./outboxApp.js";
import { aSpan } from "./spans.js";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** What a backend may be like. */
const BACKENDS = {
  up: [],
  down: () => ({ status: 503 }),
  "forgets to answer": () => ({ fault: "reset", accept: true }),
  "takes few at once": ({ spans }) => (spans.length > 60 ? { status: 413 } : undefined),
  "refuses some": ({ spans }) => (spans.some(({ name }) => name.endsWith("7")) ? { status: 400 } : undefined),
  "takes a part": ({ spans }) =>
    spans.length > 1 ? { body: { partialSuccess: { rejectedSpans: "1", errorMessage: "no" } } } : undefined,
} satisfies Record<string, ReceiverScript>;

/** What the test knows by itself. */
interface Model {
  recorded: number;
  /** Set aside, and then thrown away: nobody counts these. */
  forgotten: number;
  /** Texts may have been dropped while a request had them: then they count as both. */
  isExact: boolean;
}

interface Real {
  readonly backend: Backend;
  readonly receiver: OtlpReceiver;
  readonly visited: Set<string>;
}

type Command = fc.AsyncCommand<Model, Real>;

const spansIn = ({ backend }: Real, table: "texts" | "failed"): number =>
  backend.documents(table).reduce((sum, { fields }) => sum + countSpans(String(fields["text"] as string)), 0);

type Runner = NonNullable<Awaited<ReturnType<typeof runnerOf>>>;

function runnerOf({ backend }: Real) {
  return backend.documents("runner")[0]?.fields as
    | undefined
    | (Readonly<Record<"delivered" | "resent" | "failures" | "watchAt" | "until", number>> & {
        readonly status: "idle" | "waiting" | "running" | "paused";
        readonly dropped: Readonly<Record<"age" | "bytes" | "rejected" | "purged", number>>;
      });
}

function droppedBy(runner: Runner | undefined): number {
  const { age = 0, bytes = 0, rejected = 0, purged = 0 } = runner?.dropped ?? {};
  return age + bytes + rejected + purged;
}

/** What holds at any time. */
function check(model: Model, real: Real): void {
  const { backend, visited } = real;
  const runner = runnerOf(real);
  const [waiting, failed] = [spansIn(real, "texts"), spansIn(real, "failed")];
  const accounted = waiting + failed + model.forgotten + (runner?.delivered ?? 0) + droppedBy(runner);
  if (model.isExact) expect(accounted).toBe(model.recorded);
  else expect(accounted).toBeGreaterThanOrEqual(model.recorded);
  // A caller's wake, a drain, or a look of the watchdog.
  if (waiting > 0) expect(backend.jobs).toBeGreaterThan(0);
  expect(backend.jobs).toBeLessThanOrEqual(12);
  const some = (count: number) => (count > 0 ? "some" : "none");
  const breaker = runner !== undefined && runner.failures > 0 ? ", backend down" : "";
  visited.add(`${runner?.status ?? "new"}${breaker}; texts: ${some(waiting)}; failed: ${some(failed)}`);
}

function command(name: string, run: (model: Model, real: Real) => Promise<unknown>): Command {
  return {
    check: () => true,
    run: async (model, real) => {
      await run(model, real);
      check(model, real);
    },
    toString: () => name,
  };
}

/** A call that somebody waits for: its transaction, and nothing after it. */
async function call({ backend }: Real, name: string, args = {}): Promise<void> {
  let isDone = false;
  const called = backend.mutation(`${name}:${name}`, args, "otel").finally(() => (isDone = true));
  while (!isDone) await backend.time.pass(0);
  await called;
}

let number = 0;

const enqueue = (calls: number, spansEach: number): Command =>
  command(`${calls} calls of ${spansEach}`, async (model, real) => {
    for (let index = 0; index < calls; index++) {
      const spans = Array.from({ length: spansEach }, () => aSpan(number++));
      await call(real, "enqueue", { text: encodeSpans(spans, ENVELOPE).text });
      model.recorded += spansEach;
    }
  });

const pass = (ms: number): Command =>
  command(`${ms / SECOND} s`, async (model, real) => {
    // Retention comes by, and a request may be under way when it does.
    if (ms >= HOUR || process.env["CONVEX_OTEL_OUTBOX_MAX_MEGABYTES"] !== undefined) model.isExact = false;
    await real.backend.time.pass(ms);
  });

const people = (name: "pause" | "resume" | "retryFailed"): Command => command(name, (_model, real) => call(real, name));

const purge = (what: "pending" | "failed"): Command =>
  command(`purge ${what}`, async (model, real) => {
    if (what === "pending" && runnerOf(real)?.status === "running") model.isExact = false;
    if (what === "failed") model.forgotten += spansIn(real, "failed");
    await call(real, "purge", { what });
    if (what === "failed") model.forgotten -= spansIn(real, "failed");
  });

const become = (name: keyof typeof BACKENDS): Command =>
  command(`backend ${name}`, async (_model, { receiver }) => receiver.respond(BACKENDS[name]));

const keep = (megabytes: string | undefined): Command =>
  command(`at most ${megabytes ?? "many"} MB`, async () => {
    if (megabytes === undefined) delete process.env["CONVEX_OTEL_OUTBOX_MAX_MEGABYTES"];
    else vi.stubEnv("CONVEX_OTEL_OUTBOX_MAX_MEGABYTES", megabytes);
  });

const COMMANDS = [
  fc.tuple(fc.integer({ min: 1, max: 20 }), fc.constantFrom(1, 3, 80)).map(([calls, spans]) => enqueue(calls, spans)),
  fc.constantFrom(10, SECOND, 5 * SECOND + 50, MINUTE, 5 * MINUTE, HOUR, 25 * HOUR).map(pass),
  fc.constantFrom("pause" as const, "resume" as const, "retryFailed" as const).map(people),
  fc.constantFrom("pending" as const, "failed" as const).map(purge),
  fc.constantFrom(...(Object.keys(BACKENDS) as (keyof typeof BACKENDS)[])).map(become),
  fc.constantFrom("0.05", undefined).map(keep),
];

afterEach(() => vi.unstubAllEnvs());

/** In the end the backend takes everything, nobody holds anything up, and so nothing is left, and nothing runs. */
async function expectRest(model: Model, real: Real): Promise<void> {
  const { backend, receiver } = real;
  vi.unstubAllEnvs();
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url);
  receiver.respond([]);
  await call(real, "resume");
  await backend.time.pass(HOUR);
  const runner = runnerOf(real);
  expect([runner?.status, runner?.watchAt, backend.jobs, spansIn(real, "texts")]).toEqual(["idle", 0, 0, 0]);
  const arrived = new Set(receiver.spans.map(({ spanId }) => spanId)).size;
  const rejected = runner?.dropped.rejected ?? 0;
  // Whatever is not there is counted; of what a request had when it was dropped, there may be more.
  expect(arrived - rejected + droppedBy(runner) + spansIn(real, "failed") + model.forgotten).toBeGreaterThanOrEqual(
    model.recorded,
  );
  expect(receiver.duplicates).toBeLessThanOrEqual(runner?.resent ?? 0);
}

it("accounts for every span in every state, and comes to rest from each", async () => {
  const visited = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.commands(COMMANDS, { maxCommands: 25, size: "max" }), async (commands) => {
      const receiver = await startOtlpReceiver();
      vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url);
      const latencies = { ...NO_LATENCY, request: 100 };
      const modules = { otel: componentModules };
      const backend = new Backend({ modules, now: 1_750_000_000_000, latencies, random: () => 0.5 });
      const [model, real]: [Model, Real] = [
        { recorded: 0, forgotten: 0, isExact: true },
        { backend, receiver, visited },
      ];
      try {
        await fc.asyncModelRun(() => ({ model, real }), commands);
        await expectRest(model, real);
      } finally {
        backend.close();
        await receiver.close();
        vi.unstubAllEnvs();
      }
    }),
    { seed: 20_262, numRuns: 60 },
  );
  console.info([...visited].sort());
}, 300_000);
