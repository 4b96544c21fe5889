/**
 * Everything that anybody can do to an outbox, in any order: calls, people who pause, resume, purge and try again, backends that come and
 * go, and time that runs out. At each point no span is unaccounted for, and whatever waits has somebody who will come for it.
 */
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { encodeSpans } from "../../src/otlp/index.js";
import { countSpans, splitText } from "../../src/otlp/split.js";
import { type OtlpReceiver, type ReceiverScript, startOtlpReceiver } from "../../src/testing/index.js";
import { Backend, NO_LATENCY } from "./concurrent/backend.js";
import { componentModules } from "./concurrent/componentModules.js";
import type { StoredDocument } from "./concurrent/tables.js";
import { ENVELOPE } from "./outboxApp.js";
import { effort } from "../proofs/effort.js";
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
  /**
   * Texts may have been dropped while a request had them, or sent after they were set aside: then they count as both.
   */
  isExact: boolean;
}

interface Real {
  readonly backend: Backend;
  readonly receiver: OtlpReceiver;
}

type Command = fc.AsyncCommand<Model, Real>;

const spansIn = ({ backend }: Real, table: "texts" | "failed"): number =>
  backend.documents(table).reduce((sum, document) => sum + countSpans(text(document)), 0);

const text = ({ fields }: Pick<StoredDocument, "fields">): string => fields["text"] as string;

type Runner = NonNullable<Awaited<ReturnType<typeof runnerOf>>>;

function runnerOf({ backend }: Real) {
  return backend.documents("runner")[0]?.fields as
    | undefined
    | (Readonly<Record<"delivered" | "resent" | "failures" | "watchAt" | "until", number>> & {
        readonly status: "idle" | "waiting" | "running" | "paused";
        readonly dropped: Readonly<Record<"age" | "bytes" | "rejected" | "refused" | "purged", number>>;
      });
}

function droppedBy(runner: Runner | undefined): number {
  return Object.values(runner?.dropped ?? {}).reduce((sum, count) => sum + count, 0);
}

/** What holds at any time. */
function check(model: Model, real: Real): void {
  const { backend } = real;
  const runner = runnerOf(real);
  const waiting = spansIn(real, "texts");
  // What was set aside has been counted as refused.
  const accounted = waiting + (runner?.delivered ?? 0) + droppedBy(runner);
  if (model.isExact) expect(accounted).toBe(model.recorded);
  else expect(accounted).toBeGreaterThanOrEqual(model.recorded);
  // A caller's wake, a drain, or a look of the watchdog.
  if (waiting > 0) expect(backend.jobs).toBeGreaterThan(0);
  // Should the drain be lost, somebody notices within a minute.
  if (runner?.status === "waiting" || runner?.status === "running") {
    expect(runner.watchAt).toBeLessThanOrEqual(backend.time.now + MINUTE);
  }
  expect(backend.jobs).toBeLessThanOrEqual(12);
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

const people = (name: "pause" | "resume" | "retryFailed"): Command =>
  command(name, async (model, real) => {
    if (name === "retryFailed" && spansIn(real, "failed") > 0) model.isExact = false;
    await call(real, name);
  });

const purge = (what: "pending" | "failed"): Command =>
  command(`purge ${what}`, async (model, real) => {
    if (what === "pending" && runnerOf(real)?.status === "running") model.isExact = false;
    await call(real, "purge", { what });
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
  // Not what the outbox says of drops.
  const spans = receiver.spans.filter(({ name }) => name.startsWith("span "));
  const arrived = new Set(spans.map(({ spanId }) => spanId)).size + (arrivedElsewhere.get(real) ?? 0);
  const rejected = runner?.dropped.rejected ?? 0;
  // Whatever is not there is counted; of what a request had when it was dropped, and of what was sent again, there may be more.
  expect(arrived - rejected + droppedBy(runner)).toBeGreaterThanOrEqual(model.recorded);
  expect(receiver.duplicates).toBeLessThanOrEqual(runner?.resent ?? 0);
}

const NOW = 1_750_000_000_000;

async function start(
  model: Model,
): Promise<{ readonly model: Model; readonly real: Real; readonly close: () => unknown }> {
  const receiver = await startOtlpReceiver();
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url);
  const latencies = { ...NO_LATENCY, request: 100 };
  const backend = new Backend({ modules: { otel: componentModules }, now: NOW, latencies, random: () => 0.5 });
  const close = async () => {
    backend.close();
    vi.unstubAllEnvs();
    await receiver.close();
  };
  return { model, real: { backend, receiver }, close };
}

const STATUSES = ["none", "idle", "waiting", "waiting, backend down", "running", "running, died", "paused"] as const;
const AMOUNTS = ["none", "some"] as const;

/** Where an outbox may be: its runner, and what is in the other tables. Nothing waits before there is a runner. */
const STATES = STATUSES.flatMap((status) =>
  AMOUNTS.flatMap((texts) => AMOUNTS.map((failed) => ({ status, texts, failed }))),
).filter(({ status, texts, failed }) => status !== "none" || (texts === "none" && failed === "none"));
type State = (typeof STATES)[number];

/** Writes a state down, with the jobs that are due in it. */
function put({ model, real: { backend } }: Awaited<ReturnType<typeof start>>, { status, texts, failed }: State): void {
  const documents = (count: number) =>
    Array.from({ length: count }, (_, index) => {
      const { text } = encodeSpans([aSpan(number++), aSpan(number++), aSpan(number++)], ENVELOPE);
      model.recorded += 3;
      return { creationTime: NOW - 2 * MINUTE + index, read: () => ({ text, reason: "no" }) };
    });
  const none = { age: 0, bytes: 0, rejected: 0, refused: 0, purged: 0 };
  if (texts === "some") backend.tables.fill("texts", documents(60));
  if (failed === "some") backend.tables.fill("failed", documents(25));
  if (status === "none") return;
  const [kind = ""] = status.split(",");
  const isRunning = kind === "running";
  const watchAt = NOW + (kind === "paused" ? 10 * MINUTE : MINUTE);
  const fields = {
    status: kind,
    generation: 7,
    until: { idle: 0, paused: NOW + 11 * MINUTE }[kind] ?? NOW + (status === "running, died" ? -1 : MINUTE),
    failures: status === "waiting, backend down" ? 3 : 0,
    watchAt,
    idleSince: kind === "idle" ? NOW : 0,
    mark: NOW - 10 * MINUTE,
    inFlight: { spans: isRunning ? 30 : 0, upTo: isRunning ? NOW - 2 * MINUTE + 9 : 0 },
    resendUpTo: 0,
    measured: { upTo: 0, texts: 0, bytes: 0 },
    delivered: 0,
    resent: 0,
    restarts: 0,
    dropped: { ...none, refused: failed === "some" ? 75 : 0 },
    told: { dropped: none, untoldSince: 0 },
  };
  backend.tables.fill("runner", [{ creationTime: NOW - HOUR, read: () => fields }]);
  backend.schedule("otel", "watch:watch", { watchAt }, watchAt);
  if (kind === "waiting") backend.schedule("otel", "drain:drain", { generation: 7 }, NOW + 2 * SECOND);
}

/** What a drain reports, of this generation or of one that was replaced: a text came through in part, a part is refused, a part is left. */
const settle = (generation: number): Command =>
  command(`generation ${generation} settles a text that was split`, async (_model, real) => {
    const [document] = real.backend.documents("texts");
    const halves = document === undefined ? undefined : splitText(text(document));
    const [again, rest] = halves ?? [];
    const [sent, refused] = (rest === undefined ? undefined : splitText(rest)) ?? [];
    const done =
      document === undefined || again === undefined || refused === undefined
        ? []
        : [{ ...idOf(document), again: [again], refused: [{ text: refused, reason: "no" }] }];
    const delivered = done.length === 0 || sent === undefined ? 0 : countSpans(sent);
    await call(real, "settle", { generation, report: { done, delivered, rejected: 0 }, goOn: false });
    arrivedElsewhere.set(real, delivered);
  });

/** What a drain knows of a text that it was given. */
function idOf(document: StoredDocument): { id: string; createdAt: number; bytes: number } {
  const { id, creationTime } = document;
  return { id, createdAt: creationTime, bytes: text(document).length };
}

/** Spans that the test itself has reported as delivered. */
const arrivedElsewhere = new WeakMap<Real, number>();

const TRANSITIONS: readonly Command[] = [
  enqueue(1, 1),
  enqueue(8, 80),
  people("pause"),
  people("resume"),
  people("retryFailed"),
  purge("pending"),
  purge("failed"),
  settle(7),
  settle(6),
  pass(5 * MINUTE),
  pass(25 * HOUR),
  command("at most 0.05 MB, and time", async (model, real) => {
    await keep("0.05").run(model, real);
    await pass(5 * MINUTE).run(model, real);
  }),
];

describe("every transition from every state", () => {
  it.each(STATES)("drain $status, texts $texts, failed $failed", async (state) => {
    for (const transition of TRANSITIONS) {
      const scene = await start({ recorded: 0, isExact: true });
      try {
        put(scene, state);
        await transition.run(scene.model, scene.real);
        await expectRest(scene.model, scene.real);
      } catch (error) {
        // Which one it was.
        throw new Error(`after ${transition.toString()}: ${String(error)}`, { cause: error });
      } finally {
        await scene.close();
      }
    }
  });
});

it(
  "any order of them",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(COMMANDS, { maxCommands: 15 }), async (commands) => {
        const { model, real, close } = await start({ recorded: 0, isExact: true });
        try {
          await fc.asyncModelRun(() => ({ model, real }), commands);
          await expectRest(model, real);
        } finally {
          await close();
        }
      }),
      effort.of(15),
    );
  },
  effort.timeout,
);
