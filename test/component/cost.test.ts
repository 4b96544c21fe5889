/**
 * What tracing adds to a bill, with the component and without: counted in the strict runtime, for loads that anybody can repeat.
 * `docs/cost.md` has the same numbers: `npx vitest run test/component/cost.test.ts -u` writes them into its tables.
 */
import { makeFunctionReference } from "convex/server";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import type { StrictCall } from "../../src/testing/strict/index.js";
import { type Cost, costOf, overlaps } from "./costs.js";
import { type CostRow, withTables } from "./costTables.js";
import { strictApp, type StrictApp } from "./strictApp.js";

const PAGE = fileURLToPath(new URL("../../docs/cost.md", import.meta.url));

const MINUTE = 60_000;

/** With the component, or with a job of `deliver` for each mutation. */
type WayOut = "outbox" | "jobs";

type Kind = "mutation" | "action" | "HTTP action";

/** The functions of the app that do nothing. */
const PATHS: Readonly<Record<Kind, string>> = {
  mutation: "app:touch",
  action: "app:think",
  "HTTP action": "POST /touch",
};

/** So many calls at once, so many times. */
interface Load {
  readonly what: string;
  readonly atOnce: number;
  readonly everyMs: number;
  readonly times: number;
  /** What is counted: all until nothing runs any more, or a minute in the middle of it. */
  readonly counted: "all" | "its last minute";
}

const STEADY: Load = { what: "5 a second", atOnce: 1, everyMs: 200, times: 350, counted: "its last minute" };
const BURSTS: Load = { what: "50 at once, each minute", atOnce: 50, everyMs: MINUTE, times: 2, counted: "all" };
const RARE: Load = { what: "1 a minute", atOnce: 1, everyMs: MINUTE, times: 10, counted: "all" };

/** Without the component each call pays for itself. */
const ANY: Load = { what: "at any rate", atOnce: 1, everyMs: 1_000, times: 20, counted: "all" };

const LOADS: Readonly<Record<WayOut, readonly Load[]>> = { jobs: [ANY], outbox: [STEADY, BURSTS, RARE] };

const SAMPLINGS = [1, 0.1] as const;

/**
 * Trace context as of an instrumented client. A trace is sampled by the low 56 bits of its id: here, exactly each tenth is at 0.1.
 */
function traceparent(call: number, sampling: number): string {
  const isTenth = call % 10 === 0;
  const id = (call + 1).toString(16).padStart(16, "0");
  return `00-${id}${isTenth ? "fffffffffffffff0" : "0000000000000001"}-${id}-${isTenth || sampling === 1 ? "01" : "00"}`;
}

function call({ t }: StrictApp, kind: Kind, header: string): Promise<unknown> {
  const args = { by: "a", _otel: { traceparent: header } };
  switch (kind) {
    case "mutation":
      return t.mutation(makeFunctionReference<"mutation">(PATHS.mutation), args);
    case "action":
      return t.action(makeFunctionReference<"action">(PATHS.action), args);
    case "HTTP action":
      return t.fetch("/touch", { method: "POST", headers: { traceparent: header } }).then((answer) => answer.text());
  }
}

/** Lets time go by, from one timer to the next. It stands still while jobs run: requests are answered in real time. */
async function elapse({ t }: StrictApp, ms: number): Promise<void> {
  let isOver = false;
  setTimeout(() => (isOver = true), ms);
  while (!isOver) {
    await vi.advanceTimersToNextTimerAsync();
    await t.finishInProgressScheduledFunctions();
  }
}

interface Measured {
  readonly times: number;
  readonly cost: Cost;
  readonly calls: readonly StrictCall[];
}

async function measure(wayOut: WayOut, kind: Kind, load: Load, sampling: number): Promise<Measured> {
  const app = await strictApp({
    variant: wayOut,
    env: { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: String(sampling) },
    ...(wayOut === "jobs" ? { component: null } : {}),
  });
  const { atOnce, everyMs, times, counted } = load;
  const uncounted = counted === "all" ? 0 : times - MINUTE / everyMs;
  let count = 0;
  let before = 0;
  for (let time = 0; time < times; time++) {
    if (time === uncounted) before = app.calls.length;
    for (let one = 0; one < atOnce; one++) await call(app, kind, traceparent(count++, sampling));
    await elapse(app, everyMs);
  }
  const whileBusy = app.calls.length;
  await elapse(app, 10 * MINUTE);
  expect(app.receiver.spans).toHaveLength(count * sampling);
  expect([app.receiver.duplicates, await callsInADay(app)]).toEqual([0, 0]);
  const calls = app.calls.slice(before, counted === "all" ? undefined : whileBusy);
  const cost = costOf(calls, ({ path, parent }) => path === PATHS[kind] && parent === undefined);
  return { times: (times - uncounted) * atOnce, cost, calls };
}

/** What runs in a day on which nothing happens. */
async function callsInADay(app: StrictApp): Promise<number> {
  const before = app.calls.length;
  await elapse(app, 24 * 60 * MINUTE);
  return app.calls.length - before;
}

const measured: Record<WayOut, CostRow[]> = { jobs: [], outbox: [] };

const rowsOf = (wayOut: WayOut) =>
  (["mutation", "action"] as const).flatMap((kind) =>
    LOADS[wayOut].flatMap((load) =>
      SAMPLINGS.map((sampling) => ({ title: `${kind}s, ${load.what}`, kind, load, sampling })),
    ),
  );

describe.each(["jobs", "outbox"] as const)("%s", (wayOut) => {
  it.each(rowsOf(wayOut))(
    "$title, sampling $sampling",
    async ({ title, kind, load, sampling }) => {
      const { calls, ...row } = await measure(wayOut, kind, load, sampling);
      measured[wayOut].push({ what: title, sampling, ...row });
      // So the time that tracing adds to actions is that of their requests, one after the other.
      expect(calls.filter(isWaiting).filter((one) => one.type !== "action" || overlaps(one) > 0)).toEqual([]);
    },
    // Thousands of calls: seconds, on a machine that has nothing else to do.
    180_000,
  );
});

function isWaiting({ operations }: StrictCall): boolean {
  return operations.some(({ kind }) => kind === "fetch");
}

it("an HTTP action costs what a mutation does without the component, and what an action does with it", async () => {
  const few = { ...RARE, times: 3 };
  const costs = async (wayOut: WayOut, kind: Kind) => {
    const { calls, written, read, deleted, requests } = (await measure(wayOut, kind, few, 1)).cost;
    return { calls, written, read, deleted, requests };
  };
  expect(await costs("jobs", "HTTP action")).toEqual(await costs("jobs", "mutation"));
  expect(await costs("outbox", "HTTP action")).toEqual(await costs("outbox", "action"));
});

it("costs nothing where nothing is sampled", async () => {
  const nothing = { calls: 0, written: 0, writtenBytes: 0, read: 0, readBytes: 0, deleted: 0, deletedBytes: 0 };
  for (const kind of ["mutation", "action", "HTTP action"] as const) {
    const { cost } = await measure("outbox", kind, { ...RARE, times: 2 }, 0);
    expect(cost).toEqual({ ...nothing, requests: 0 });
  }
});

it("costs little while the backend is down: one look a minute, and an attempt in at most five minutes", async () => {
  const app = await strictApp();
  await call(app, "mutation", traceparent(0, 1));
  app.receiver.respond(() => ({ status: 503 }));
  await elapse(app, 60 * MINUTE);
  const count = (path: string) => app.callsOf(`otel/${path}`).length;
  const looks = count("watch:watch");
  const attempts = count("drain:drain");
  expect([looks, count("wake:wake"), count("claim:claim"), count("settle:settle")]).toEqual([
    60,
    1,
    attempts,
    attempts,
  ]);
  expect(attempts).toBeGreaterThan(60 / 5);
  expect(attempts).toBeLessThan(60 / 5 + 6);
});

it("stores what it sends, and no more", async () => {
  const app = await strictApp();
  await app.mutation("touch", "a");
  await app.mutation("busy", "a");
  const { texts } = await app.tables();
  const [few = 0, many = 0] = texts.map(({ text }) => text.length);
  await elapse(app, 10_000);
  // `{"resourceSpans":[` and `]}`, and a comma.
  expect(app.receiver.requests.map(({ headers }) => Number(headers["content-length"]))).toEqual([few + many + 20 + 1]);
  const ofEachSpan = (many - few) / (app.receiver.spans.length - 2);
  expect(ofEachSpan).toBeGreaterThan(200);
  expect(ofEachSpan).toBeLessThan(400);
});

it("is what the documentation says", async () => {
  const page = readFileSync(PAGE, "utf8");
  await expect(withTables(page, measured)).toMatchFileSnapshot(PAGE);
  const steady = measured.outbox.find(({ what }) => what === `mutations, ${STEADY.what}`);
  expect(page).toContain(`at most ${steady?.cost.calls} calls a minute`);
});
