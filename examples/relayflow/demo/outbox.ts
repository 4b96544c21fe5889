/** The component of the app on the simulated backend: what `npx convex run --component otel …` and the dashboard show. */
import { setTimeout as sleep } from "node:timers/promises";
import type { TestConvex } from "convex-test";
import type { GenericDataModel, GenericMutationCtx } from "convex/server";
import type { OutboxStatus } from "../../../src/component/_generated/component.js";
import outboxSchema from "../../../src/component/schema.js";
import { components } from "../convex/_generated/api.js";
import type schema from "../convex/schema.js";
import type { AppModules } from "./bundledApp.js";

type App = TestConvex<typeof schema>;

const NAME = "otel";

const POLL_MS = 10;
const FLUSH_TIMEOUT_MS = 20_000;

/** Registers the component with an app. In tests with vitest, `register` of `convex-otel/test` does this. */
export function registerOutbox(t: App, modules: AppModules): void {
  t.registerComponent(NAME, outboxSchema, modules);
}

/** What the component says of itself. */
export async function outboxStatus(t: App): Promise<OutboxStatus> {
  return await t.run(async (ctx) => await ctx.runQuery(components.otel.status.status, {}));
}

/** Waits until the outbox is empty, or has met an error: in a demo nobody waits for its retries. */
export async function flushOutbox(t: App): Promise<void> {
  const deadline = Date.now() + FLUSH_TIMEOUT_MS;
  for (;;) {
    const { pending, lastError } = await outboxStatus(t);
    if (pending === 0 || lastError !== null) return;
    if (Date.now() > deadline) throw new Error(`The outbox still holds ${pending} calls after ${FLUSH_TIMEOUT_MS} ms.`);
    await sleep(POLL_MS);
  }
}

/** The jobs of the component, by names such as `otel/drain:drain`. */
export async function outboxJobs(t: App): Promise<readonly { readonly name: string; readonly state: string }[]> {
  const jobs = await inComponent(t, (ctx) => ctx.db.system.query("_scheduled_functions").collect());
  return jobs.map(({ name, state }) => ({ name: `${NAME}/${name}`, state: state.kind }));
}

/** Cancels what is still due: the component looks once more a minute later, which is longer than a demo is watched. */
export async function cancelOutboxJobs(t: App): Promise<void> {
  await inComponent(t, async (ctx) => {
    const jobs = await ctx.db.system.query("_scheduled_functions").collect();
    for (const { _id, state } of jobs) if (state.kind === "pending") await ctx.scheduler.cancel(_id);
  });
}

type InComponent = <T>(name: string, handler: (ctx: GenericMutationCtx<GenericDataModel>) => Promise<T>) => Promise<T>;

/** convex-test has it and its types keep it to themselves. */
function inComponent<T>(t: object, handler: (ctx: GenericMutationCtx<GenericDataModel>) => Promise<T>): Promise<T> {
  return (t as { readonly runInComponent: InComponent }).runInComponent(NAME, handler);
}
