/** The simulated Convex backend: convex-test, run outside a test runner and on real timers. */
import { setTimeout as sleep } from "node:timers/promises";
import { convexTest, type TestConvex } from "convex-test";
import schema from "../convex/schema.js";
import type { OutboxStatus } from "../../../src/component/_generated/component.js";
import type { BundledApp, WayOut } from "./bundledApp.js";
import { cancelOutboxJobs, flushOutbox, outboxJobs, outboxStatus, registerOutbox } from "./outbox.js";

/** The documents of a table, oldest first. */
export type Documents = readonly Readonly<Record<string, unknown>>[];

/** All documents of the app, by table. */
export type DatabaseContent = Readonly<Record<string, Documents>>;

/** A scheduled function and what became of it. */
export interface Job {
  readonly name: string;
  readonly state: string;
}

export interface Backend {
  /** Calls an HTTP action. */
  fetch(path: string, init: RequestInit): Promise<Response>;
  /** Waits until the app has nothing scheduled and nothing runs any more. */
  drain(): Promise<void>;
  /** Waits until the outbox, if there is one, has sent what it holds, or has met an error. */
  flush(): Promise<void>;
  content(): Promise<DatabaseContent>;
  /** Those of the app, and those of the component with `otel/` before their names. */
  jobs(): Promise<readonly Job[]>;
  /** What the outbox says of itself. Undefined if there is none. */
  outbox(): Promise<OutboxStatus | undefined>;
  /** Cancels what the outbox has planned for later. */
  close(): Promise<void>;
}

type App = TestConvex<typeof schema>;

/** How often to look for jobs, and for how long, in milliseconds. The retries of the scenario take about one second. */
const POLL_MS = 10;
const DRAIN_TIMEOUT_MS = 10_000;

const TABLES = ["webhookDeliveries", "events", "automationTasks", "deadLetters"] as const;

/** Starts an empty backend with the app on it, and with its component if spans are to leave that way. */
export function startBackend({ modules, component }: BundledApp, wayOut: WayOut): Promise<Backend> {
  const t = convexTest({ schema, modules: modules[wayOut] });
  if (wayOut === "outbox") registerOutbox(t, component);
  return Promise.resolve(backendOf(t, wayOut));
}

/** What runs on convex-test, as a backend. */
export function backendOf(t: App, wayOut: WayOut): Backend {
  const hasOutbox = wayOut === "outbox";
  return {
    fetch: (path, init) => t.fetch(path, init),
    drain: () => drain(t),
    flush: async () => (hasOutbox ? await flushOutbox(t) : undefined),
    content: async () =>
      Object.fromEntries(await Promise.all(TABLES.map(async (table) => [table, await read(t, table)]))),
    jobs: async () => [...(await readJobs(t)), ...(hasOutbox ? await outboxJobs(t) : [])],
    outbox: async () => (hasOutbox ? await outboxStatus(t) : undefined),
    close: async () => (hasOutbox ? await cancelOutboxJobs(t) : undefined),
  };
}

async function read(t: App, table: (typeof TABLES)[number]): Promise<Documents> {
  return await t.run(async (ctx) => await ctx.db.query(table).collect());
}

async function readJobs(t: App): Promise<readonly Job[]> {
  const jobs = await t.run(async (ctx) => await ctx.db.system.query("_scheduled_functions").collect());
  return jobs.map(({ name, state }) => ({ name, state: state.kind }));
}

/** A job schedules the next one before it ends, so an idle moment means that all is done. */
async function drain(t: App): Promise<void> {
  const deadline = Date.now() + DRAIN_TIMEOUT_MS;
  for (;;) {
    const open = (await readJobs(t)).filter(({ state }) => state === "pending" || state === "inProgress");
    if (open.length === 0) return;
    if (Date.now() > deadline) throw new Error(stillOpen(open));
    await sleep(POLL_MS);
  }
}

function stillOpen(open: readonly Job[]): string {
  const names = [...new Set(open.map(({ name }) => name))].join(", ");
  const hint = names === "otel:deliver" ? " Does the OTLP endpoint answer?" : "";
  return `Scheduled functions are still open after ${DRAIN_TIMEOUT_MS} ms: ${names}.${hint}`;
}
