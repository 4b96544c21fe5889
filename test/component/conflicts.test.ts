/**
 * Who makes whom run again, from what transactions have read and written: tracing adds no conflict between users' mutations, none
 * with the outbox for which a user would wait, and those inside of the outbox are listed here.
 */
import { readFileSync } from "node:fs";
import type { Plugin } from "esbuild";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conflictsBetween, conflictsWith, type StrictCall } from "../../src/testing/strict/index.js";
import { bundleComponent, strictApp, type StrictApp, type Variant } from "./strictApp.js";

const MINUTE = 60_000;

/** Transactions of users: the outermost mutations of the app, and the one with which an action hands its own spans over. */
function ofUsers(app: StrictApp): StrictCall[] {
  return app.calls.filter(
    ({ componentPath, path, type, parent, outcome }) =>
      (componentPath === "" || path === "enqueue:enqueue") &&
      type === "mutation" &&
      parent?.type !== "mutation" &&
      outcome === "returned",
  );
}

/** Transactions of the outbox itself. */
function ofOutbox(app: StrictApp, path: string): StrictCall[] {
  return app.callsOf(`otel/${path}`).filter(({ outcome }) => outcome === "returned");
}

function pairsIn(calls: readonly StrictCall[]): number {
  return calls.reduce(
    (sum, one, index) => sum + calls.slice(index + 1).filter((other) => conflictsWith(one, other)).length,
    0,
  );
}

/** Whether `reader` would have to run again if `writer` committed first. */
function isMadeToRetry(reader: StrictCall, writer: StrictCall): boolean {
  return conflictsBetween(reader, writer).some((conflict) => conflict.reader === 0);
}

const KINDS = ["add", "twice", "survive", "plan", "work", "hook"] as const;
type Kind = (typeof KINDS)[number];

/** Runs one of them. Each has a writer of its own, so that they have nothing to do with each other. */
async function run(app: StrictApp, kind: Kind, by: string): Promise<unknown> {
  if (kind === "hook") return app.hook(by);
  return kind === "work" ? app.action(kind, by) : app.mutation(kind, by);
}

/** States of the outbox in which users may come. */
const BEFORE: Readonly<Record<string, (app: StrictApp) => Promise<unknown>>> = {
  "empty, and was never used": async () => undefined,
  "about to drain": async (app) => {
    await app.mutation("add", "before");
    await app.pass(1_000);
  },
  "at rest": async (app) => {
    await app.mutation("add", "before");
    await app.pass(5 * MINUTE);
  },
  "held up by a backend that is down": async (app) => {
    app.receiver.respond(() => ({ status: 503 }));
    await app.mutation("add", "before");
    await app.pass(MINUTE);
  },
  paused: async (app) => {
    await app.control("pause");
    await app.mutation("add", "before");
  },
};

describe("mutations of users that come at the same time are in no conflict while the outbox is", () => {
  it.each(Object.entries(BEFORE))("%s", async (_what, before) => {
    const sets = fc.array(fc.constantFrom(...KINDS), { minLength: 2, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(sets, async (kinds) => {
        const app = await strictApp();
        await before(app);
        const earlier = ofUsers(app).length;
        // No job runs in between: each finds the runner as it is now.
        await Promise.all(kinds.map((kind, index) => run(app, kind, `writer ${index}`)));
        const users = ofUsers(app).slice(earlier);
        expect(users.length).toBeGreaterThanOrEqual(kinds.length);
        // Each has handed its spans over in its transaction.
        for (const { writeSet } of users) expect(writeSet.some(({ table }) => table === "texts")).toBe(true);
        expect(pairsIn(users)).toBe(0);
        await app.close();
      }),
      { seed: 20_261, numRuns: 4 },
    );
  });
});

describe("mutations at once", () => {
  async function conflictsOf(variant: Variant, kind: "add" | "count", mutations: number): Promise<number> {
    const app = await strictApp({ variant });
    await Promise.all(Array.from({ length: mutations }, (_, index) => app.mutation(kind, `writer ${index}`)));
    const users = ofUsers(app);
    expect(users).toHaveLength(mutations);
    expect((await app.tables()).texts).toHaveLength(variant === "outbox" ? mutations : 0);
    return pairsIn(users);
  }

  it("100 of them are in no conflict", async () => {
    expect([await conflictsOf("stock", "add", 100), await conflictsOf("outbox", "add", 100)]).toEqual([0, 0]);
  });

  it("those that are in conflict anyway are in no more", async () => {
    // Each has read the whole table, and each has written into it.
    expect([await conflictsOf("stock", "count", 30), await conflictsOf("outbox", "count", 30)]).toEqual([435, 435]);
  });
});

it("this test notices a caller that looks at the runner itself, and not at a snapshot of it", async () => {
  const looking: Plugin = {
    name: "no snapshot",
    setup: (setup) =>
      setup.onLoad({ filter: /src\/component\/enqueue\.ts$/ }, ({ path }) => {
        const [before = "", after, ...more] = readFileSync(path, "utf8").split(", { useStaleSnapshot: true }");
        if (after === undefined || more.length > 0) throw new Error("enqueue has another look: write the mutant anew");
        return { contents: before + after, loader: "ts" };
      }),
  };
  const app = await strictApp({ component: await bundleComponent([looking]) });
  await Promise.all([app.mutation("add", "a"), app.mutation("add", "b")]);
  await app.pass(1_000);
  const [wake] = ofOutbox(app, "wake:wake");
  expect(wake && ofUsers(app).map((user) => isMadeToRetry(user, wake))).toEqual([true, true]);
});

/** What has run: transactions of users, and one of the outbox of each kind, by what it is called here. */
interface Internals {
  readonly users: readonly StrictCall[];
  readonly transactions: ReadonlyMap<string, StrictCall>;
}

let all: Promise<Internals> | undefined;
const everything = (): Promise<Internals> => (all ??= runAll());

/** What the runner is after it. */
const stateAfter = ({ writeSet }: StrictCall) => writeSet.find(({ table }) => table === "runner")?.after?.["status"];

/** One transaction of each kind, all of one backend, with mutations of users in all states that it is in. */
async function runAll(): Promise<Internals> {
  const componentEnv = { OTEL_EXPORTER_OTLP_ENDPOINT: "", CONVEX_OTEL_OUTBOX_MAX_AGE_HOURS: "24" };
  const app = await strictApp({ componentEnv });
  componentEnv.OTEL_EXPORTER_OTLP_ENDPOINT = app.receiver.url;
  await Promise.all([app.mutation("add", "a"), app.mutation("twice", "b")]);
  await app.pass(1_000);
  const wakes = ofOutbox(app, "wake:wake");
  // More than two batches: the drain is given the next one at once.
  for (const by of ["c1", "c2", "c3", "c4", "c5", "c6", "c7"]) await app.mutation("busy", by);
  await app.pass(5_000);
  await app.action("work", "g");
  await app.pass(3 * MINUTE);
  const [before, settled] = [ofOutbox(app, "wake:wake").length, ofOutbox(app, "settle:settle")];
  await app.mutation("add", "h");
  await app.pass(1_000);
  const later = ofOutbox(app, "wake:wake")[before];
  app.receiver.respond(() => ({ status: 503 }));
  await app.mutation("plan", "i");
  await app.pass(90_000);
  const failed = ofOutbox(app, "settle:settle").at(settled.length);
  app.receiver.respond([]);
  await app.pass(5 * MINUTE);
  await app.mutation("twice", "j");
  await app.action("work", "k");
  const byPeople = await runByPeople(app);
  // Of 72 seconds.
  componentEnv.CONVEX_OTEL_OUTBOX_MAX_AGE_HOURS = "0.02";
  await app.pass(5 * MINUTE);
  app.receiver.respond([]);
  await app.mutation("add", "p");
  await app.action("work", "q");
  const settles = ofOutbox(app, "settle:settle");
  const watches = ofOutbox(app, "watch:watch");
  const transactions = {
    "wake, first": wakes[0],
    "wake, again": later,
    "wake, awake": wakes[1],
    claim: ofOutbox(app, "claim:claim")[0],
    "settle, next batch": settles.find((call) => stateAfter(call) === "running"),
    "settle, more later": settles.find((call) => call !== failed && stateAfter(call) === "waiting"),
    "settle, failed": failed,
    "settle, to rest": settles.find((call) => stateAfter(call) === "idle"),
    "watch, at work": watches.find((call) => stateAfter(call) === "waiting"),
    "watch, at rest": watches.find((call) => stateAfter(call) === "idle"),
    ...byPeople,
    "watch, dropping": watches.find(({ writeSet }) => writeSet.some(({ table }) => table === "texts")),
  };
  return {
    users: ofUsers(app),
    transactions: new Map(
      Object.entries(transactions).map(([name, call]) => [name, call ?? expect.fail(`no ${name} has run`)]),
    ),
  };
}

/** What people do, and what becomes of spans that are refused. The backend is down at the end. */
async function runByPeople(app: StrictApp): Promise<Record<string, StrictCall | undefined>> {
  app.receiver.respond(({ spans }) => (spans.some(({ name }) => name === "app:plan") ? { status: 400 } : undefined));
  await app.mutation("plan", "l");
  await app.pass(5 * MINUTE);
  await app.control("retryFailed");
  await app.pass(5 * MINUTE);
  await app.control("purge", { what: "failed" });
  app.receiver.respond(() => ({ status: 503 }));
  await app.mutation("add", "m");
  await app.control("pause");
  await app.control("purge", { what: "pending" });
  await app.mutation("add", "n");
  await app.control("resume");
  await app.mutation("add", "o");
  const [ofFailed, ofPending] = ofOutbox(app, "purge:purge");
  return {
    "settle, split": ofOutbox(app, "settle:settle").find(({ writeSet }) =>
      writeSet.some(({ table }) => table === "failed"),
    ),
    pause: ofOutbox(app, "pause:pause")[0],
    resume: ofOutbox(app, "resume:resume")[0],
    retryFailed: ofOutbox(app, "retryFailed:retryFailed")[0],
    "purge, what waits": ofPending,
    "purge, what was set aside": ofFailed,
  };
}

describe("the outbox and mutations of users", () => {
  it("nothing of the outbox makes a user's mutation run again, and only a look whether nothing is left is made to", async () => {
    const { users, transactions } = await everything();
    expect(users.length).toBeGreaterThan(10);
    const waits: string[] = [];
    for (const [name, transaction] of transactions) {
      expect([name, users.filter((user) => isMadeToRetry(user, transaction)).length]).toEqual([name, 0]);
      // Of those before it, it may have sent and deleted what they have inserted: they cannot have met.
      const others = users.filter(({ startTime }) => startTime > (transaction.endTime ?? Infinity));
      expect([name, others.length]).not.toEqual([name, 0]);
      if (others.some((user) => isMadeToRetry(transaction, user))) waits.push(name);
    }
    // These run again, and find what was just inserted: nobody waits for them. The one that was split was the last one, too.
    expect(waits).toEqual(["settle, to rest", "watch, at rest", "settle, split"]);
  });

  it("inside of the outbox, all wait for whoever writes the runner: no two drains can start", async () => {
    const { transactions } = await everything();
    const first = transactions.get("wake, first") ?? expect.fail();
    expect(isMadeToRetry(first, first)).toBe(true);
    // Nothing else can run before there is a runner, and what was set aside is nobody's but the people's who throw it away.
    const alone = [first, transactions.get("purge, what was set aside")];
    const rest = [...transactions].filter(([, transaction]) => !alone.includes(transaction));
    const free = rest.flatMap(([one, reader]) =>
      rest.filter(([, writer]) => !isMadeToRetry(reader, writer)).map(([other]) => `${one}, whatever ${other} does`),
    );
    // A wake that finds somebody awake writes nothing.
    expect(free).toEqual(rest.map(([name]) => `${name}, whatever wake, awake does`));
  });
});
