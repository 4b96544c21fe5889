/**
 * Every state that the tables can be in, reached or not, and what comes of it: texts leave, or are kept while paused; then nothing
 * runs any more. The states are written down directly, so that those after a crash at any point are among them.
 */
import { describe, expect, it } from "vitest";
import { internal } from "../../src/component/_generated/api.js";
import { NEW_RUNNER, type RunnerFields } from "../../src/component/runner.js";
import { LATE_MS, LEASE_MS, WATCH_MS } from "../../src/component/limits.js";
import { outboxApp } from "./outboxApp.js";

const MINUTE = 60_000;

type App = Awaited<ReturnType<typeof outboxApp>>;

/** What is known of a drain. A live one has a job; a lost one does not. */
type DrainState =
  "none" | "idle" | "waiting" | "waiting, job lost" | "running, died" | "running, died long ago" | "paused";
/** The one look of the watchdog. A lost one was cancelled by hand. */
type WatchState = "none" | "due" | "lost";
type TextState = "none" | "one" | "more than a batch";

const drains: readonly DrainState[] = [
  "none",
  "idle",
  "waiting",
  "waiting, job lost",
  "running, died",
  "running, died long ago",
  "paused",
];
const watches: readonly WatchState[] = ["none", "due", "lost"];
const texts: readonly TextState[] = ["none", "one", "more than a batch"];

const states = drains.flatMap((drain) => watches.flatMap((watch) => texts.map((text) => ({ drain, watch, text }))));

async function put(app: App, drain: DrainState, watch: WatchState): Promise<void> {
  if (drain === "none") return;
  const now = Date.now();
  const isPast = drain === "running, died long ago";
  const status = drain.split(",")[0] as RunnerFields["status"];
  const watchAt = { none: 0, due: now + WATCH_MS, lost: now - 2 * LEASE_MS }[watch];
  await app.inComponent(async (ctx) => {
    const { scheduler } = ctx;
    await ctx.db.insert("runner", {
      ...NEW_RUNNER,
      status,
      generation: 7,
      until: status === "idle" ? 0 : isPast ? now - MINUTE : now + LEASE_MS + (status === "paused" ? 10 * MINUTE : 0),
      failures: 2,
      watchAt,
      idleSince: status === "idle" ? now : 0,
      mark: now - 10 * MINUTE,
      inFlight: { spans: status === "running" ? 3 : 0, upTo: status === "running" ? now : 0 },
    } satisfies RunnerFields);
    if (drain === "waiting") await scheduler.runAfter(2_000, internal.drain.drain, { generation: 7 });
    if (watch === "due") await scheduler.runAt(watchAt, internal.watch.watch, { watchAt });
  });
}

const counts: Record<TextState, number> = { none: 0, one: 1, "more than a batch": 700 };

async function putAll(app: App, { drain, watch, text }: (typeof states)[number]): Promise<string[]> {
  await put(app, drain, watch);
  return app.insert(counts[text]);
}

/** With one look due, or somebody who drains, texts leave by themselves; they need a caller otherwise. */
function leavesByItself({ drain, watch, text }: (typeof states)[number]): boolean {
  if (text === "none" || drain === "none" || drain === "paused") return false;
  return watch === "due" || drain === "waiting";
}

describe.each(states)("drain $drain, watchdog $watch, texts $text", (state) => {
  it("left alone", async () => {
    const app = await outboxApp();
    const names = await putAll(app, state);
    await app.pass(10 * MINUTE);
    const { texts: left } = await app.tables();
    expect(app.receiver.spans).toHaveLength(leavesByItself(state) ? names.length : 0);
    expect(left).toHaveLength(leavesByItself(state) ? 0 : names.length);
    expect(app.receiver.duplicates).toBe(0);
  });

  it("when somebody enqueues", async () => {
    const app = await outboxApp();
    const names = await putAll(app, state);
    // A lease that is not over yet may be that of a drain that lives; the next caller after it finds out.
    names.push(...(await app.record(1)));
    await app.pass(LEASE_MS + MINUTE);
    names.push(...(await app.record(1)));
    await app.pass(10 * MINUTE);
    const { texts: left, runner } = await app.tables();
    if (state.drain === "paused") {
      expect([left.length, app.receiver.spans.length, runner?.status]).toEqual([names.length, 0, "paused"]);
      await app.control("resume");
      await app.pass(10 * MINUTE);
    }
    expect(app.receiver.spans).toHaveLength(names.length);
    expect(app.receiver.duplicates).toBe(0);
    const after = await app.tables();
    expect([after.texts, after.runner?.status, after.runner?.watchAt]).toEqual([[], "idle", 0]);
    const open = (await app.jobs()).filter(({ state: { kind } }) => kind === "pending" || kind === "inProgress");
    expect(open).toEqual([]);
  });
});

it("a caller that saw a drain which then ended is found by the last look", async () => {
  const app = await outboxApp();
  await app.record(1);
  await app.pass(6_000);
  expect((await app.tables()).runner?.status).toBe("idle");
  // It read `running` on its snapshot, and commits only now, without a wake.
  const [name] = await app.insert(1);
  await app.pass(LATE_MS + WATCH_MS);
  expect(app.receiver.spans.map((span) => span.name)).toContain(name);
});
