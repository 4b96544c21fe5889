/** Options of the strict runtime, and what they default to. */
import type { GenericSchema, SchemaDefinition } from "convex/server";

import type { ConvexBundle, ConvexBundleOptions } from "../convexBundle.js";

import type { StrictEnv } from "./deployedCode.js";

/** The metadata of `ctx.meta` that a backend can answer. */
export type StrictMetadata =
  "getFunctionMetadata" | "getTransactionMetrics" | "getDeploymentMetadata" | "getRequestMetadata" | "getSnapshotTs";

/** What a backend of an older version lacks. The default is the newest. */
export interface StrictBackend {
  /** Has `performance` (backends since April 2026). @defaultValue `true` */
  readonly performance?: boolean;
  /** Has `AsyncLocalStorage` and `AsyncResource` (backends since May 2026). @defaultValue `true` */
  readonly asyncLocalStorage?: boolean;
  /**
   * The calls behind `ctx.meta` that the backend knows. Which methods `ctx.meta` has is up to the app's version of `convex`.
   * @defaultValue all
   */
  readonly meta?: readonly StrictMetadata[];
}

/** Options that do not depend on where the functions come from. */
export interface StrictConvexBaseOptions<Schema extends GenericSchema, Strict extends boolean> {
  /** The app's schema. @defaultValue none: documents are not validated */
  readonly schema?: SchemaDefinition<Schema, Strict>;
  /**
   * The deployment's environment variables; functions see these only, and `CONVEX_CLOUD_URL` and `CONVEX_SITE_URL`, which every
   * deployment has. The object is read when a function reads, so a test can change it between calls.
   * @defaultValue none
   */
  readonly env?: StrictEnv;
  readonly backend?: StrictBackend;
  /** Selects the random numbers that functions draw, an integer. @defaultValue 1 */
  readonly seed?: number;
  /**
   * The real time in milliseconds since the Unix epoch, fractions allowed, from which all clocks of functions are derived.
   * @defaultValue `Date.now()`, which fake timers move, with `performance.now()` for what passes during a call
   */
  readonly now?: () => number;
  /** What `fetch` of actions calls. @defaultValue the global `fetch` at that time */
  readonly fetch?: typeof fetch;
  /** Enforces the read, write and scheduling limits of transactions, as the option of convex-test. @defaultValue `true` */
  readonly transactionLimits?: boolean;
  /** Modules that run as they are, outside of the strict rules, by path (`./dir/mod.js`): those with `"use node"`. */
  readonly modules?: Readonly<Record<string, () => Promise<unknown>>>;
  /**
   * The components that the app uses, by the names that it gives to them with `app.use`; those of a component by
   * `parent/child`. Others that are given to `t.registerComponent` run as in convex-test, outside of the rules.
   * @defaultValue none
   */
  readonly components?: Readonly<Record<string, StrictComponent>>;
}

/** Where functions come from: a folder to bundle, or a bundle to run. */
export type StrictSource =
  | {
      /** The folder with the functions: usually `convex`; of a component, the one with its `convex.config.ts`. */
      readonly dir: string;
      /** How to bundle it. */
      readonly bundling?: ConvexBundleOptions;
    }
  | {
      /** What `bundleConvex` made, which can be shared by many tests. */
      readonly bundle: ConvexBundle;
    };

/** A component that the app uses. */
export type StrictComponent = StrictSource & {
  /** Its schema. @defaultValue none: documents are not validated, and it has no indexes of its own */
  readonly schema?: SchemaDefinition<GenericSchema, boolean>;
  /**
   * Its environment variables: those that it declares, with the values that the app binds to them. Besides, its functions
   * see `CONVEX_CLOUD_URL` and `CONVEX_SITE_URL`, and nothing of the app's. @defaultValue none
   */
  readonly env?: StrictEnv;
};

/** Options of `strictConvex`. */
export type StrictConvexOptions<
  Schema extends GenericSchema = GenericSchema,
  Strict extends boolean = boolean,
> = StrictConvexBaseOptions<Schema, Strict> & StrictSource;

const ALL_METADATA: readonly StrictMetadata[] = [
  "getFunctionMetadata",
  "getTransactionMetrics",
  "getDeploymentMetadata",
  "getRequestMetadata",
  "getSnapshotTs",
];

/** The options with their defaults. */
export interface StrictSettings {
  readonly backend: Required<StrictBackend>;
  readonly seed: number;
  readonly now: (() => number) | undefined;
  readonly fetch: typeof fetch;
}

/**
 * Fills in the defaults.
 *
 * @throws TypeError if the seed is not an integer, or `meta` names something unknown.
 */
export function strictSettings(options: StrictConvexBaseOptions<GenericSchema, boolean>): StrictSettings {
  const { seed = 1, backend = {}, now, fetch = globalFetch } = options;
  if (!Number.isSafeInteger(seed)) throw new TypeError(`strictConvex: seed is ${String(seed)}; give an integer`);
  const { performance = true, asyncLocalStorage = true, meta = ALL_METADATA } = backend;
  const unknown = meta.find((name) => !ALL_METADATA.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`strictConvex: backend.meta names ${unknown}; allowed are ${ALL_METADATA.join(", ")}`);
  }
  return { seed, now, fetch, backend: { performance, asyncLocalStorage, meta } };
}

// Looked up when it is called: tests stub the global.
const globalFetch: typeof fetch = (input, init) => globalThis.fetch(input, init);
