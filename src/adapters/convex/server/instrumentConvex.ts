/** The builders of a Convex app, instrumented: the only set-up an app writes. */
import {
  type Crons,
  type GenericDataModel,
  getFunctionAddress,
  type HttpRouter,
  makeFunctionReference,
} from "convex/server";
import { declareCarrier } from "./carrierArgs.js";
import { nameCronRuns } from "./crons.js";
import { deliverFunction } from "./deliver.js";
import type { FunctionShape } from "./functionShape.js";
import { registerHttpAction, traceRoutes, type HttpActionBuilder } from "./httpRouter.js";
import { markInstrumented } from "./mark.js";
import { type InstrumentConfig, type InstrumentConvexOptions, normalizeOptions } from "./options.js";
import { type Handler, tracedHandler } from "./tracedHandler.js";
import type { DeliverFunction, ServerBuilders, TracedBuilders } from "./types.js";

/** What {@link instrumentConvex} returns. */
export interface InstrumentedConvex<DataModel extends GenericDataModel> extends TracedBuilders<DataModel> {
  /** Sends what mutations and HTTP actions recorded. Export it from the same module. */
  readonly deliver: DeliverFunction;
  /**
   * Traces the routes of a router under their templates, whoever registered them. Wrap the router before the routes are
   * added, or after.
   */
  readonly traceHttpRouter: <Router extends HttpRouter>(router: Router) => Router;
  /** Lets cron runs know their job. Wrap the crons when they are complete: `export default traceCron(crons)`. */
  readonly traceCron: (crons: Crons) => Crons;
}

/**
 * Instruments the builders of an app. Use the returned ones in place of those of `./_generated/server`: each mutation,
 * action and HTTP action becomes a span, and what they call and schedule continues their trace. Queries are returned as
 * they are: their arguments, clock and environment reads are part of Convex's caching, so they are never touched.
 *
 * Functions run as before: same arguments, results, errors and transactions. While no exporter is configured nothing is
 * recorded, scheduled or written, and nothing from outside is passed on.
 *
 * @param server - the module `./_generated/server`
 * @throws TypeError naming the option, what was given and what is allowed, if an option is wrong.
 * @example
 * ```ts
 * // convex/otel.ts
 * import { instrumentConvex } from "convex-otel/convex";
 * import { otlp } from "convex-otel/otlp";
 * import * as server from "./_generated/server";
 *
 * export const { query, mutation, action, internalQuery, internalMutation, internalAction, httpAction, deliver } =
 *   instrumentConvex(server, { service: { name: "my-app" }, exporter: otlp() });
 * ```
 */
export function instrumentConvex<DataModel extends GenericDataModel>(
  server: ServerBuilders<DataModel>,
  options: InstrumentConvexOptions = {},
): InstrumentedConvex<DataModel> {
  checkServer(server);
  const config = normalizeOptions(options, { getFunctionAddress, makeFunctionReference });
  type Builders = TracedBuilders<DataModel>;
  const httpAction: HttpActionBuilder = server.httpAction;
  return {
    query: server.query,
    internalQuery: server.internalQuery,
    mutation: tracedBuilder(server.mutation, config, {
      type: "mutation",
      visibility: "public",
    }) as Builders["mutation"],
    internalMutation: tracedBuilder(server.internalMutation, config, {
      type: "mutation",
      visibility: "internal",
    }) as Builders["internalMutation"],
    action: tracedBuilder(server.action, config, { type: "action", visibility: "public" }) as Builders["action"],
    internalAction: tracedBuilder(server.internalAction, config, {
      type: "action",
      visibility: "internal",
    }) as Builders["internalAction"],
    httpAction: (handler) => registerHttpAction(config, httpAction, handler),
    deliver: deliverFunction(server, config),
    traceHttpRouter: (router) => traceRoutes(config, httpAction, router),
    traceCron: (crons) => nameCronRuns(crons, config.uninstrumented),
  };
}

const BUILDERS = [
  "query",
  "internalQuery",
  "mutation",
  "internalMutation",
  "action",
  "internalAction",
  "httpAction",
] as const;

/** Plain JavaScript and a forgotten argument end up here. */
function checkServer(server: unknown): void {
  const missing = BUILDERS.filter((name) => typeof Reflect.get(Object(server), name) !== "function");
  if (missing.length === 0) return;
  const given = missing.length === BUILDERS.length ? "something else" : `no ${missing.join(", ")}`;
  throw new TypeError(
    `instrumentConvex: the first argument must be the module ./_generated/server, with the builders ${BUILDERS.join(", ")}; got ${given}.`,
  );
}

type Definition = Handler | { readonly handler: Handler };

/**
 * A builder that registers a traced handler with Convex's own. The result is Convex's own registered function with all
 * its properties; only the reserved argument is declared on it, and a mark that `convex-otel check` looks for.
 *
 * Its type is the stock builder's with the mark added to the visibility, which exists in types only: hence the casts.
 */
function tracedBuilder(stock: unknown, config: InstrumentConfig, shape: FunctionShape): unknown {
  const build = stock as (definition: Definition) => object;
  return (definition: Definition) => {
    const handler = typeof definition === "function" ? definition : definition.handler;
    const traced = tracedHandler(config, shape, handler);
    const registered = build(typeof definition === "function" ? traced : { ...definition, handler: traced });
    return markInstrumented(declareCarrier(registered));
  };
}
