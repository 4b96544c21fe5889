/** Starts an app in the runtime of the project: see test/runtimes. Everything is put back after the test. */
import type { TestConvex } from "convex-test";
import { afterEach, vi } from "vitest";
import type { InstrumentConvexOptions } from "../../../../src/adapters/convex/server/index.js";
import { jobsOf, runOut, settle } from "../../../runtimes/jobs.js";
import { runtime } from "../../../runtimes/runtime.js";
import type { AppDefinition } from "../apps/app.js";
import type { schema } from "../apps/schema.js";
import { read } from "../apps/tell.js";
import type { SpanBackend } from "./backend.js";

export type Tests = TestConvex<typeof schema>;

/** Options that are data. Those that are code belong to the app. */
export type DataOptions = Omit<InstrumentConvexOptions, "exporter" | "diagnostics" | "redact" | "keepUnsampled">;

/** What else is asked of the runtime. */
export interface Conditions {
  /** What the backend is too old to have. */
  readonly lacking?: "performance" | "asyncLocalStorage";
  /** Enforces the limits of transactions. */
  readonly transactionLimits?: boolean;
}

/** What a runtime is given. */
export interface AppToRun {
  /** The file in `apps` without its ending, and the name of the app in it. */
  readonly file: string;
  readonly name: string;
  readonly app: AppDefinition;
  readonly options: DataOptions;
  readonly conditions: Conditions;
}

/** An app that runs. */
export interface RunningApp {
  readonly t: Tests;
  readonly exporter: SpanBackend;
  /** What functions printed, by level, without what the platform adds. */
  lines(level: "DEBUG" | "LOG"): readonly string[];
  /** Puts other functions in the place of the app's, as a deploy does: data and jobs stay. */
  deploy(next: AppToRun): Promise<void>;
  close(): Promise<void>;
}

/** Functions, one for each file of apps. `starter("http", apps)` starts apps of `apps/http.ts` by name. */
export function starter<Apps extends { readonly [Name in keyof Apps]: AppDefinition }>(file: string, apps: Apps) {
  type Name = keyof Apps & string;
  const toRun = (name: Name, options: DataOptions, conditions: Conditions): AppToRun => {
    return { file, name, app: apps[name], options, conditions };
  };
  return async (name: Name, options: DataOptions = {}, conditions: Conditions = {}) => {
    const app = await launch(toRun(name, options, conditions));
    running.push(app);
    const { t, exporter } = app;
    return {
      t,
      exporter,
      /** Runs everything that is due, however long the chain. */
      settle: () => settle(t),
      /** Runs everything that is scheduled, on fake timers. */
      runOut: (before?: (round: number) => void) => runOut(t, before),
      jobs: () => jobsOf(t),
      told: (topic: string) => read(app.lines("DEBUG"), topic),
      printed: () => app.lines("LOG"),
      deploy: (next: Name) => app.deploy(toRun(next, {}, {})),
    };
  };
}

const running: RunningApp[] = [];

// What a project does not run is not loaded: edge-runtime has no bundler.
async function launch(app: AppToRun): Promise<RunningApp> {
  if (runtime === "strict") return await (await import("./onStrict.js")).runOnStrict(app);
  return (await import("./onConvexTest.js")).runOnConvexTest(app);
}

afterEach(async () => {
  vi.useRealTimers();
  const closed = await Promise.allSettled(running.splice(0).map((app) => app.close()));
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  for (const result of closed) if (result.status === "rejected") throw result.reason;
});
