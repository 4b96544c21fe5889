/**
 * The builders of a Convex app, instrumented: the only set-up an app writes.
 *
 * It runs whenever a module is evaluated, which in Convex means on every call. So it keeps what it is given and makes the
 * builders, and everything else waits until a call is traced.
 */
import type { Crons, GenericDataModel, HttpRouter } from "convex/server";
import { withCarrierField } from "./carrierArgs.js";
import { checkOptions, checkServer } from "./checkOptions.js";
import { nameCronRuns } from "./crons.js";
import type { FunctionShape } from "./functionShape.js";
import { traceRoutes } from "./httpRouter.js";
import { registerHttpAction } from "./httpRegistration.js";
import type { InstrumentedApp } from "./instrumentedApp.js";
import { markInstrumented } from "./mark.js";
import type { InstrumentConvexOptions } from "./options.js";
import { enterCall, type Handler } from "./enterCall.js";
import { sendTexts } from "./sending.js";
import type { DeliverArgs, DeliverFunction, ServerBuilders, TracedBuilders } from "./types.js";

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
  checkOptions(options);
  const app: InstrumentedApp = { options };
  type Builders = TracedBuilders<DataModel>;
  return {
    query: server.query,
    internalQuery: server.internalQuery,
    mutation: tracedBuilder(app, server, "mutation", PUBLIC_MUTATION) as Builders["mutation"],
    internalMutation: tracedBuilder(app, server, "internalMutation", INTERNAL_MUTATION) as Builders["internalMutation"],
    action: tracedBuilder(app, server, "action", PUBLIC_ACTION) as Builders["action"],
    internalAction: tracedBuilder(app, server, "internalAction", INTERNAL_ACTION) as Builders["internalAction"],
    httpAction: (handler) => registerHttpAction(app, server.httpAction, handler),
    deliver: deliverFunction(app, server),
    traceHttpRouter: (router) => traceRoutes(app, server.httpAction, router),
    traceCron: (crons) => nameCronRuns(crons, options.uninstrumented ?? []),
  };
}

const PUBLIC_MUTATION: FunctionShape = { type: "mutation", visibility: "public" };
const INTERNAL_MUTATION: FunctionShape = { type: "mutation", visibility: "internal" };
const PUBLIC_ACTION: FunctionShape = { type: "action", visibility: "public" };
const INTERNAL_ACTION: FunctionShape = { type: "action", visibility: "internal" };

type Definition = Handler | { readonly handler: Handler };

/** The part of a registered function that Convex reads its argument validator from. */
interface WithExportArgs {
  exportArgs?: () => string;
}

/**
 * A builder that registers a traced handler with Convex's own. The result is Convex's own registered function with all
 * its properties; only the reserved argument is declared on it (Convex reads validators at push, so that costs a call
 * nothing), and a mark that `convex-otel check` looks for.
 *
 * Convex's own builder is looked up when it is used: see {@link checkServer}. Its type with the mark added to the
 * visibility, which exists in types only, is that of the result: hence the casts.
 */
function tracedBuilder(
  app: InstrumentedApp,
  server: object,
  name: keyof ServerBuilders<GenericDataModel>,
  shape: FunctionShape,
): unknown {
  return (definition: Definition) => {
    const build = Reflect.get(server, name) as (definition: Definition) => WithExportArgs;
    const handler = typeof definition === "function" ? definition : definition.handler;
    const traced: Handler = (ctx, args, ...more) => enterCall(app, shape, handler, ctx, args, more);
    const registered = build(typeof definition === "function" ? traced : { ...definition, handler: traced });
    const { exportArgs } = registered;
    let declared: string | undefined;
    // convex-test reads validators on every call.
    if (exportArgs !== undefined) registered.exportArgs = () => (declared ??= withCarrierField(exportArgs()));
    return markInstrumented(registered);
  };
}

/** The `deliver` function of an app, which sends what calls that may not use the network have recorded. Not traced itself. */
function deliverFunction<DataModel extends GenericDataModel>(
  app: InstrumentedApp,
  server: ServerBuilders<DataModel>,
): DeliverFunction {
  const handler = (ctx: object, args: DeliverArgs): Promise<null> => sendTexts(app, ctx, args);
  return markInstrumented(server.internalAction({ handler })) as DeliverFunction;
}
