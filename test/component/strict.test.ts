/** The outbox under Convex's own rules: app and component bundled as for a deployment, and evaluated anew for each call. */
import { describe, expect, it, vi } from "vitest";
import { spanTree } from "../../src/testing/index.js";
import { openJobs, strictApp, type StrictApp, wrongCalls } from "./strictApp.js";

const MINUTE = 60_000;

/** Every call of the app was well-behaved, everything has left, and nothing runs any more. */
async function expectAtRest(app: StrictApp): Promise<void> {
  const { texts, failed, runner } = await app.tables();
  expect([texts, failed, runner?.status, runner?.resent]).toEqual([[], [], "idle", 0]);
  expect(await openJobs(app)).toEqual([]);
  expect(wrongCalls(app.calls)).toEqual([]);
  expect(app.receiver.duplicates).toBe(0);
  expect(app.receiver.requests.flatMap(({ problem }) => problem ?? [])).toEqual([]);
}

const ofComponent = (app: StrictApp) => app.calls.filter(({ componentPath }) => componentPath !== "");

const ADD = `app:add
├─ query things [client]
└─ insert things [client]`;

function indented(text: string, first: string, rest: string): string {
  return text
    .split("\n")
    .map((line, index) => (index === 0 ? first : rest) + line)
    .join("\n");
}

/** A nested mutation: the span of the call, and the one of the function. */
const NESTED = `app:add\n${indented(ADD, "└─ ", "   ")}`;

describe("whole trees arrive, in one request, of", () => {
  const TWICE = `app:twice [server]\n${indented(NESTED, "├─ ", "│  ")}\n${indented(NESTED, "└─ ", "   ")}`;
  const trees: readonly [what: string, run: (app: StrictApp) => Promise<unknown>, tree: string][] = [
    ["a mutation", (app) => app.mutation("add", "a"), ADD.replace("app:add", "app:add [server]")],
    ["nested mutations", (app) => app.mutation("twice", "a"), TWICE],
    [
      "a mutation that survives one that was rolled back",
      (app) => app.mutation("survive", "a"),
      `app:survive [server]\n├─ app:fail\n│    ! error: Error\n${indented(NESTED, "└─ ", "   ")}`,
    ],
    [
      "a scheduled run",
      (app) => app.mutation("plan", "a"),
      `app:plan [server]
└─ schedule app:later [producer]
   └─ process app:later [consumer]
      └─ insert things [client]`,
    ],
    [
      "an action",
      (app) => app.action("work", "a"),
      `app:work [server]
├─ app:add [client]
│  └─ app:add [server]
│     ├─ query things [client]
│     └─ insert things [client]
└─ app:later [client]
   └─ app:later [server]
      └─ insert things [client]`,
    ],
    [
      "an HTTP action",
      (app) => app.hook("a"),
      `POST /hook [server]
└─ app:twice [client]
${indented(TWICE, "   └─ ", "      ")}`,
    ],
  ];

  it.each(trees)("%s", async (_what, run, tree) => {
    const app = await strictApp();
    await run(app);
    expect(app.receiver.requests).toEqual([]);
    await app.pass(5 * MINUTE);
    expect(spanTree(app.receiver.spans)).toBe(tree);
    expect(app.receiver.requests).toHaveLength(1);
    expect(app.callsOf("otel:deliver")).toEqual([]);
    await expectAtRest(app);
  });

  it("all of them together", async () => {
    const app = await strictApp();
    for (const [, run] of trees) await run(app);
    await app.pass(5 * MINUTE);
    const sorted = (texts: readonly string[]) => texts.join("\n\n").split("\n\n").sort();
    expect(sorted([spanTree(app.receiver.spans)])).toEqual(sorted(trees.map(([, , tree]) => tree)));
    expect(app.receiver.requests).toHaveLength(1);
    await expectAtRest(app);
  });
});

it("a mutation that throws leaves no text, no job and no call of the component", async () => {
  const app = await strictApp();
  await expect(app.mutation("fail", "a")).rejects.toThrow("no");
  expect([(await app.tables()).texts, await openJobs(app), ofComponent(app)]).toEqual([[], [], []]);
  // What its span has to say is in the log.
  expect(app.callsOf("app:fail")[0]?.console.map(({ text }) => text)).toEqual([
    expect.stringContaining("convex-otel/1 "),
  ]);
});

it("a nested mutation that is rolled back leaves no text, though it would have", async () => {
  const app = await strictApp();
  await app.mutation("survive", "a");
  // Those of `add` and of `survive`.
  expect((await app.tables()).texts).toHaveLength(2);
});

describe("a transaction that finds nobody awake wakes", () => {
  const wakesOf = async (kind: string) => {
    const app = await strictApp();
    await app.mutation(kind, "a");
    const wakes = (await app.jobs()).filter(({ name }) => name.startsWith("wake")).length;
    const { texts } = await app.tables();
    await app.pass(5 * MINUTE);
    await expectAtRest(app);
    return [texts.length, wakes];
  };

  it("once, however many mutations it is made of", async () => {
    expect(await wakesOf("add")).toEqual([1, 1]);
    expect(await wakesOf("nest")).toEqual([4, 1]);
  });

  it("once more for each public one in it, which a client might have called", async () => {
    expect(await wakesOf("twice")).toEqual([3, 3]);
  });
});

it("queries are inert: no clock, chance, environment, call or line", async () => {
  const looks = await Promise.all(
    (["outbox", "stock"] as const).map(async (variant) => {
      const app = await strictApp({ variant });
      await app.mutation("add", "a");
      expect(await app.list()).toBe(1);
      const [query] = app.callsOf("app:list");
      expect(query).toMatchObject({ clockReads: 0, randomDraws: 0, observedTime: false, envReads: [], console: [] });
      return query?.operations.map(({ name }) => name);
    }),
  );
  expect(looks[0]).toEqual(looks[1]);
});

describe("while nothing is exported, the component is not called, and no job is there", () => {
  const off: [string, Record<string, string | undefined>][] = [
    ["no endpoint", { OTEL_EXPORTER_OTLP_ENDPOINT: undefined }],
    ["disabled", { OTEL_SDK_DISABLED: "true" }],
    ["nothing is sampled", { OTEL_TRACES_SAMPLER: "always_off" }],
  ];
  it.each(off)("%s", async (_what, env) => {
    const app = await strictApp({ env });
    await app.mutation("twice", "a");
    await app.action("work", "a");
    await app.hook("a");
    await app.pass(5 * MINUTE);
    expect([ofComponent(app), await app.jobs(), await app.jobs("")]).toEqual([[], [], []]);
    expect([app.receiver.requests, wrongCalls(app.calls)]).toEqual([[], []]);
  });
});

describe("without the component, spans leave as they would anyway", () => {
  const missing: [string, Parameters<typeof strictApp>[0]][] = [
    ["it is not installed", { component: null }],
    ["it has no endpoint", { componentEnv: {} }],
  ];
  it.each(missing)("%s", async (_what, options) => {
    // convex-test prints what its jobs throw.
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const app = await strictApp(options);
    await app.mutation("add", "a");
    await app.action("work", "a");
    await app.hook("a");
    // `add`, and what the action and the request called; an action sends by itself.
    const deliveries = async () => (await app.jobs("")).filter(({ name }) => name === "otel:deliver").length;
    expect(await deliveries()).toBe(7);
    // Without it, there is nobody whose time would have to go by.
    for (let round = 0; round < 5; round++) {
      await vi.advanceTimersByTimeAsync(10);
      await app.t.finishInProgressScheduledFunctions();
    }
    const names = new Set(app.names());
    expect(names).toEqual(
      new Set(["POST /hook", "app:add", "app:later", "app:twice", "app:work", "insert things", "query things"]),
    );
    expect(await app.list()).toBe(5);
    expect([app.receiver.duplicates, wrongCalls(app.calls)]).toEqual([0, []]);
    expect(ofComponent(app).filter(({ path }) => path !== "enqueue:enqueue")).toEqual([]);
  });
});
