/**
 * Apps as data: the functions of a test, written down so that each runtime can build them where they run. An app is bundled for
 * Convex, so what it imports is what a Convex app may import, and it shares nothing with its test: it returns or tells.
 */
import { type HttpRouter, httpRouter } from "convex/server";
import { v } from "convex/values";
import {
  instrumentConvex,
  type InstrumentConvexOptions,
  type InstrumentedConvex,
} from "../../../../src/adapters/convex/server/index.js";
import type { Exporter } from "../../../../src/index.js";
import { type DataModel, stock } from "./schema.js";
import { tell } from "./tell.js";

export type Otel = InstrumentedConvex<DataModel>;

/** An app. */
export interface AppDefinition {
  /** The module that its functions are in. */
  readonly module: "fns" | "own";
  readonly define: (otel: Otel, http: HttpRouter) => Readonly<Record<string, object>>;
  /** Options that are code. The exporter given is one that works. */
  readonly configure: (exporter: Exporter) => InstrumentConvexOptions;
  /** The builders to instrument. */
  readonly server: typeof stock;
}

/** What an app may have besides its functions. */
type More = Partial<Pick<AppDefinition, "configure" | "server">>;

const DEFAULTS = { configure: (exporter: Exporter) => ({ exporter }), server: stock };

/** Functions of a test's own, in the module `own`, beside `own:target` and `own:plain` that tell their arguments. */
export function ownApp(define: AppDefinition["define"], more: More = {}): AppDefinition {
  const args = { n: v.optional(v.number()) };
  const handler = async (_ctx: unknown, given: unknown): Promise<void> => tell("seen", given);
  return {
    ...DEFAULTS,
    ...more,
    module: "own",
    configure: (exporter) => ({ uninstrumented: ["own:plain"], ...(more.configure ?? DEFAULTS.configure)(exporter) }),
    define: (otel, http) => ({
      target: otel.internalMutation({ args, handler }),
      plain: stock.internalMutation({ args, handler }),
      ...define(otel, http),
    }),
  };
}

/** Functions in the module `fns`. */
export function fnsApp(define: AppDefinition["define"], more: More = {}): AppDefinition {
  return { ...DEFAULTS, ...more, module: "fns", define };
}

/** An app, built. */
export interface BuiltApp {
  readonly functions: Readonly<Record<string, object>>;
  readonly deliver: object;
  readonly http: HttpRouter;
}

/** Builds an app, as its modules do when they are evaluated. */
export function buildApp(app: AppDefinition, exporter: Exporter, options: InstrumentConvexOptions): BuiltApp {
  const otel = instrumentConvex(app.server, { service: { name: "test" }, ...app.configure(exporter), ...options });
  const http = otel.traceHttpRouter(httpRouter());
  return { functions: app.define(otel, http), deliver: otel.deliver, http };
}
