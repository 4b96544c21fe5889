/** An app with the component in the strict runtime: both bundled as Convex does, a real receiver, and fake time. */
import { join } from "node:path";
import type { Plugin } from "esbuild";
import { makeFunctionReference } from "convex/server";
import type { Value } from "convex/values";
import { afterEach } from "vitest";
import { LIBRARY_SOURCE } from "../../examples/relayflow/demo/bundledApp.js";
import componentSchema from "../../src/component/schema.js";
import { bundleConvex, type ConvexBundle } from "../../src/testing/convexBundle.js";
import { strictConvex, type StrictCall, type StrictConvex, type StrictEnv } from "../../src/testing/strict/index.js";
import schema from "./app/convex/schema.js";
import { type Clock, inComponent, jobs, outboxOf, pass, receiverOf } from "./outboxApp.js";

const appDir = join(import.meta.dirname, "app");

/** What the functions of the app are built with: a file of `app/variants`. */
export type Variant = "stock" | "jobs" | "outbox";

export type StrictBackendOfApp = StrictConvex<typeof schema>;

/** `convex/otel.ts` is the variant: its functions have to be where the library looks for them. */
function bundleApp(variant: Variant): Promise<ConvexBundle> {
  const inPlaceOfOtel: Plugin = {
    name: "variant",
    setup: (setup) =>
      setup.onLoad({ filter: /component\/app\/convex\/otel\.ts$/ }, () => ({
        contents: `export * from "../variants/${variant}.js";`,
        resolveDir: join(appDir, "convex"),
        loader: "ts",
      })),
  };
  return bundleConvex(join(appDir, "convex"), { alias: LIBRARY_SOURCE, plugins: [inPlaceOfOtel] });
}

/** Bundles the component. Plugins may break it. */
export function bundleComponent(plugins: readonly Plugin[] = []): Promise<ConvexBundle> {
  return bundleConvex(join(import.meta.dirname, "../../src/component"), { plugins: [...plugins] });
}

const bundles = new Map<string, Promise<ConvexBundle>>();

function once(key: string, make: () => Promise<ConvexBundle>): Promise<ConvexBundle> {
  const made = bundles.get(key) ?? make();
  bundles.set(key, made);
  return made;
}

/** The component as it is. */
export const component = (): Promise<ConvexBundle> => once("component", () => bundleComponent());

export interface StrictAppOptions {
  readonly variant?: Variant;
  /** @defaultValue the component as it is; `null`: the app does not use it */
  readonly component?: ConvexBundle | null;
  /** Over those that name the receiver. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly componentEnv?: StrictEnv;
  /** What `fetch` of actions calls. @defaultValue the network */
  readonly fetch?: typeof fetch;
}

const open: StrictBackendOfApp[] = [];

/** Starts the app. It is closed after the test. */
export async function strictApp(options: StrictAppOptions = {}) {
  const { variant = "outbox", component: bundle = await component(), env = {}, componentEnv, fetch } = options;
  // Before time is fake.
  const app = await once(variant, () => bundleApp(variant));
  const receiver = await receiverOf();
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const otel = bundle === null ? {} : { otel: { bundle, schema: componentSchema, env: componentEnv ?? endpoint } };
  const backend = await strictConvex({
    bundle: app,
    schema,
    env: { ...endpoint, ...env },
    components: otel,
    ...(fetch === undefined ? {} : { fetch }),
  });
  open.push(backend);
  const { t } = backend;
  return {
    ...backend,
    receiver,
    mutation: (name: string, by: string) => t.mutation(makeFunctionReference<"mutation">(`app:${name}`), { by }),
    action: (name: string, by: string) => t.action(makeFunctionReference<"action">(`app:${name}`), { by }),
    list: () => t.query(makeFunctionReference<"query">("app:list"), {}),
    hook: async (by: string) => (await t.fetch("/hook", { method: "POST", body: by })).text(),
    pass: (ms: number, clock?: Clock) => pass(t, ms, clock),
    tables: () => outboxOf(t),
    jobs: (name?: string) => jobs(t, name),
    control: (what: "pause" | "resume" | "retryFailed" | "purge", args: Record<string, Value> = {}) =>
      inComponent(t, (ctx) => ctx.runMutation(makeFunctionReference<"mutation">(`${what}:${what}`), args)),
    names: () => receiver.spans.map(({ name }) => name).sort(),
  };
}

export type StrictApp = Awaited<ReturnType<typeof strictApp>>;

/** What no call may have been: killed, or with something going on at its end; and queries are inert. */
export function wrongCalls(calls: readonly StrictCall[]): string[] {
  return calls.flatMap((call) => {
    const { componentPath, path, outcome, unawaited, type } = call;
    const name = [componentPath, path].filter(Boolean).join("/");
    const isInert = type !== "query" || componentPath !== "" || (!call.observedTime && !call.observedRandom);
    return [
      ...(outcome === "killed" || outcome === "running" ? [`${name} ${outcome}: ${String(call.error)}`] : []),
      ...unawaited.map((operation) => `${name} did not await ${operation}`),
      ...(isInert ? [] : [`${name} looked at clock or chance`]),
      ...(type === "query" && componentPath === "" ? call.envReads.map((read) => `${name} read ${read}`) : []),
    ];
  });
}

/** The jobs of the component that have not ended. */
export async function openJobs({ jobs: all }: Pick<StrictApp, "jobs">): Promise<string[]> {
  const left = (await all()).filter(({ state }) => state.kind === "pending" || state.kind === "inProgress");
  return left.map(({ name }) => name);
}

afterEach(async () => {
  for (const backend of open.splice(0)) await backend.close();
});
