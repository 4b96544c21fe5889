/** The component in the proofs: how it is started, and what of a run is its doing and not the program's. */
import { resolve } from "node:path";
import type { Plugin } from "esbuild";
import type { GenericDataModel, GenericQueryCtx } from "convex/server";
import componentSchema from "../../src/component/schema.js";
import { bundleConvex, type ConvexBundle } from "../../src/testing/convexBundle.js";
import type { StrictComponent } from "../../src/testing/strict/index.js";

const NAME = "otel";

/** What due jobs are waited for; the watchdog's next look and the breaker's next attempt are not. */
const SOON_MS = 100;

/** Bundles the component. Plugins may break it. */
export function bundleOutbox(plugins: readonly Plugin[] = []): Promise<ConvexBundle> {
  return bundleConvex(resolve(import.meta.dirname, "../../src/component"), { plugins });
}

/** The component of an app, with the variables of the app, and without the time for which it collects. */
export function outboxOf(bundle: ConvexBundle, env: Readonly<Record<string, string>>): Record<string, StrictComponent> {
  return { [NAME]: { bundle, schema: componentSchema, env: { ...env, OTEL_BSP_SCHEDULE_DELAY: "0" } } };
}

/** Whether an operation of a program is how its spans are handed to the component. */
export function isHandOver(argsJson: string): boolean {
  return argsJson.includes(`childComponent/${NAME}/enqueue/enqueue`);
}

/** convex-test runs jobs of components with this; its types keep it to itself. */
interface RunsInComponent {
  runInComponent<T>(name: string, handler: (ctx: GenericQueryCtx<GenericDataModel>) => Promise<T>): Promise<T>;
}

/** Whether the component still has something to do at once. */
export async function isBusy(t: object): Promise<boolean> {
  const jobs = await (t as RunsInComponent).runInComponent(NAME, (ctx) =>
    ctx.db.system.query("_scheduled_functions").collect(),
  );
  return jobs.some(({ state, scheduledTime }) => {
    return state.kind === "inProgress" || (state.kind === "pending" && scheduledTime < Date.now() + SOON_MS);
  });
}
