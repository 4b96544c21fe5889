/** An app that has nothing but the component, on convex-test, with a real receiver and fake time. */
import { convexTest, type TestConvex } from "convex-test";
import {
  componentsGeneric,
  defineSchema,
  type GenericDataModel,
  type GenericMutationCtx,
  internalMutationGeneric,
  internalQueryGeneric,
  makeFunctionReference,
} from "convex/server";
import { v } from "convex/values";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, vi } from "vitest";
import { encodeSpans } from "../../src/otlp/index.js";
import type { ComponentApi, OutboxStatus } from "../../src/component/_generated/component.js";
import type { Doc } from "../../src/component/_generated/dataModel.js";
import { type ComponentRegistry, register } from "../../src/test.js";
import { type OtlpReceiver, startOtlpReceiver } from "../../src/testing/index.js";
import { timeForHeld } from "./heldRequests.js";
import { aSpan } from "./spans.js";

export const components = componentsGeneric() as never as { readonly otel: ComponentApi<"otel"> };

/** Enqueues in a transaction of the app's own, as a traced mutation does. */
const app = {
  record: internalMutationGeneric({
    args: { texts: v.array(v.string()) },
    handler: async (ctx, { texts }) => {
      const accepted = [];
      for (const text of texts) accepted.push(await ctx.runMutation(components.otel.enqueue.enqueue, { text }));
      return accepted;
    },
  }),
  status: internalQueryGeneric({ args: {}, handler: (ctx) => ctx.runQuery(components.otel.status.status, {}) }),
  control: internalMutationGeneric({
    args: { what: v.string(), args: v.any() },
    handler: (ctx, { what, args }) => {
      const { pause, resume, retryFailed, purge } = components.otel;
      const known = {
        pause: pause.pause,
        resume: resume.resume,
        retryFailed: retryFailed.retryFailed,
        purge: purge.purge,
      };
      return ctx.runMutation(known[what as keyof typeof known] as typeof purge.purge, args);
    },
  }),
};

const record = makeFunctionReference<"mutation">("app:record");
const status = makeFunctionReference<"query">("app:status");
const control = makeFunctionReference<"mutation">("app:control");

export interface Tables {
  readonly texts: readonly Doc<"texts">[];
  readonly failed: readonly Doc<"failed">[];
  readonly runner: Doc<"runner"> | undefined;
}

const receivers: OtlpReceiver[] = [];

/** A receiver that the component sends to, and fake time for what it waits for: sockets stay real. */
export async function receiverOf(): Promise<OtlpReceiver> {
  const receiver = await startOtlpReceiver();
  receivers.push(receiver);
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url);
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"], now: 1_750_000_000_000 });
  return receiver;
}

/** Starts an app. Time is fake: nothing that waits takes any. */
export async function outboxApp({ install = register }: { install?: (t: ComponentRegistry) => void } = {}) {
  const receiver = await receiverOf();
  const t = convexTest({
    schema: defineSchema({}),
    modules: { "./convex/_generated/api.js": async () => ({}), "./convex/app.ts": async () => app },
  });
  install(t);
  let next = 0;
  return {
    t,
    receiver,
    /** Records so many calls with one span each, in one transaction, and returns the names of the spans. */
    record: async (calls: number, spansOfEach = 1): Promise<string[]> => {
      const names: string[] = [];
      const texts = Array.from({ length: calls }, () => {
        const spans = Array.from({ length: spansOfEach }, () => aSpan(next++));
        names.push(...spans.map(({ name }) => name));
        return encodeSpans(spans, ENVELOPE).text;
      });
      await t.mutation(record, { texts });
      return names;
    },
    /** Texts that are there, and nobody has said so. */
    insert: async (calls: number): Promise<string[]> => {
      const spans = Array.from({ length: calls }, () => aSpan(next++));
      const texts = spans.map((span) => encodeSpans([span], ENVELOPE).text);
      await inComponent(t, async (ctx) => {
        for (const text of texts) await ctx.db.insert("texts", { text });
      });
      return spans.map(({ name }) => name);
    },
    enqueue: (texts: string[]): Promise<boolean[]> => t.mutation(record, { texts }),
    /** The names of what arrived of it, without what the outbox says about itself. */
    arrived: (): string[] => receiver.spans.map(({ name }) => name).filter((name) => name !== DROPS),
    status: (): Promise<OutboxStatus> => t.query(status, {}),
    control: (what: keyof typeof components.otel, args: object = {}) => t.mutation(control, { what, args }),
    tables: () => outboxOf(t),
    jobs: () => jobs(t),
    /** Lets so much time go by, with everything that is due in it. */
    pass: (ms: number, clock?: Clock) => pass(t, ms, clock),
    inComponent: <T>(handler: (ctx: GenericMutationCtx<GenericDataModel>) => Promise<T>) => inComponent(t, handler),
  };
}

/** The name of spans that say what was dropped. */
export const DROPS = "telemetry dropped";

export const ENVELOPE = {
  resource: { attributes: { "service.name": "test" } },
  scope: { name: "test", version: "1" },
} as const;

type AppTests = Pick<TestConvex<never>, "finishInProgressScheduledFunctions">;

/** convex-test runs jobs of components with this, so it is there; its types keep it to itself. */
interface RunsInComponent {
  runInComponent<T>(name: string, handler: (ctx: GenericMutationCtx<GenericDataModel>) => Promise<T>): Promise<T>;
}

export function inComponent<T>(
  t: object,
  handler: (ctx: GenericMutationCtx<GenericDataModel>) => Promise<T>,
  name = "otel",
): Promise<T> {
  return (t as RunsInComponent).runInComponent(name, handler);
}

export async function outboxOf(t: object): Promise<Tables> {
  return inComponent(t, async (ctx) => ({
    texts: (await ctx.db.query("texts").collect()) as Doc<"texts">[],
    failed: (await ctx.db.query("failed").collect()) as Doc<"failed">[],
    runner: (await ctx.db.query("runner").collect())[0] as Doc<"runner"> | undefined,
  }));
}

export interface Job {
  readonly name: string;
  readonly scheduledTime: number;
  readonly state: { readonly kind: "pending" | "inProgress" | "success" | "failed" | "canceled" };
}

/** The jobs of the component, or of the app (`""`), ended or not. */
export async function jobs(t: object, name?: string): Promise<Job[]> {
  return inComponent(t, (ctx) => ctx.db.system.query("_scheduled_functions").collect(), name);
}

/** What becomes of time while jobs run. Requests are answered in real time, so it stands; it runs for those that are held. */
export type Clock = "stands" | "runs for held requests";

/** Lets time go by. */
export async function pass(t: AppTests, ms: number, clock: Clock = "stands"): Promise<void> {
  const end = Date.now() + ms;
  for (let round = 0; round < 20_000; round++) {
    const ended = t.finishInProgressScheduledFunctions();
    await (clock === "stands" ? ended : timeForHeld(ended));
    const open = [...(await jobs(t)), ...(await jobs(t, ""))];
    if (open.some(({ state }) => state.kind === "inProgress")) {
      await sleep(1);
      continue;
    }
    const pending = open.filter(({ state }) => state.kind === "pending");
    const due = Math.min(end, ...pending.map(({ scheduledTime }) => scheduledTime));
    if (due >= end && Date.now() >= end) return;
    await vi.advanceTimersByTimeAsync(Math.max(1, Math.ceil(due - Date.now())));
  }
  throw new Error("jobs did not end");
}

afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  for (const receiver of receivers.splice(0)) await receiver.close();
});
