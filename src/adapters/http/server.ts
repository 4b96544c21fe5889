/** What both kinds of servers do around a request before it is traced. */
import { suppressTracing } from "../../core/api.js";
import { activeContext } from "../../core/context.js";
import { activeOtelContext, hasOtelProvider, isSuppressedIn } from "../../core/otelContext.js";
import type { OtelContext } from "../../core/otelGlobal.js";
import { beginRequest, type RequestFacts } from "./beginRequest.js";
import type { HttpServerConfig } from "./options.js";
import { reasonOf } from "./reporter.js";
import type { RequestTrace } from "./requestTrace.js";

/** What becomes of a request: traced, or run as it is, or run with nothing traced in it. */
export type Admission =
  { readonly mode: "trace"; readonly request: RequestTrace } | { readonly mode: "pass" } | { readonly mode: "ignore" };

const PASS: Admission = { mode: "pass" };

/**
 * Where the platform's object for a request says that it is being traced, to all copies of this library. A property that programs
 * do not see unless they ask for it by this symbol: a weak map leaves the object alone, but takes the garbage collector
 * several times as long as all that is done here for the request.
 */
const TRACE = Symbol.for("convex-otel.http.trace.v1");

/** The request that is traced under a platform's object. Never throws, whatever it is given. */
export function requestOf(key: object): RequestTrace | undefined {
  try {
    return Object.hasOwn(key, TRACE) ? (key as { readonly [TRACE]: RequestTrace })[TRACE] : undefined;
  } catch {
    return undefined;
  }
}

function markTraced(key: object, request: RequestTrace): void {
  // One that cannot be marked is traced all the same.
  Reflect.defineProperty(key, TRACE, { value: request });
}

/**
 * The active context, if there is something to trace with: not without a provider, not while tracing is suppressed, and not
 * within a Convex call, which has a span of its own for the request.
 */
function traceableContext(): OtelContext | undefined {
  if (activeContext() !== undefined || !hasOtelProvider()) return undefined;
  const active = activeOtelContext();
  return isSuppressedIn(active) ? undefined : active;
}

/** Decides about a request, and begins it. Never throws. `key` is the platform's object for it. */
export function admit<Args extends readonly unknown[]>(
  config: HttpServerConfig<Args>,
  key: object,
  args: Args,
  factsOf: () => RequestFacts,
  platformRoute: () => string | undefined = () => undefined,
): Admission {
  try {
    const active = traceableContext();
    if (active === undefined) return PASS;
    const outer = requestOf(key);
    if (outer !== undefined) return insideOf(outer, config, args);
    const facts = factsOf();
    if (isIgnored(config, facts.path, args)) return { mode: "ignore" };
    // What is known now, samplers can go by. A function is asked when the request has been handled.
    const routeAtStart = typeof config.route === "function" ? undefined : (config.route ?? platformRoute());
    const request = beginRequest(config, active, facts, routeAtStart, () => routeOf(config, args) ?? platformRoute());
    if (request === undefined) return PASS;
    markTraced(key, request);
    return { mode: "trace", request };
  } catch (thrown) {
    config.report({ level: "error", code: "http.not_traced", message: `A request is not traced: ${reasonOf(thrown)}` });
    return PASS;
  }
}

/** Runs what is not traced. */
export function runUntraced<T>({ mode }: Admission, fn: () => T): T {
  return mode === "ignore" ? suppressTracing(fn) : fn();
}

/** A second wrapper around the same request adds nothing but its route. */
function insideOf<Args extends readonly unknown[]>(
  outer: RequestTrace,
  config: HttpServerConfig<Args>,
  args: Args,
): Admission {
  const route = routeOf(config, args);
  if (route !== undefined) outer.setRoute(route);
  reportTwice(config);
  return PASS;
}

function isIgnored<Args extends readonly unknown[]>(
  { ignores, report }: HttpServerConfig<Args>,
  path: string,
  args: Args,
): boolean {
  try {
    return ignores(path, args);
  } catch (thrown) {
    report({ level: "error", code: "http.ignore_failed", message: `The option ignore failed: ${reasonOf(thrown)}` });
    return false;
  }
}

function routeOf<Args extends readonly unknown[]>(
  { route, report }: HttpServerConfig<Args>,
  args: Args,
): string | undefined {
  try {
    return typeof route === "function" ? route(...args) : route;
  } catch (thrown) {
    report({ level: "error", code: "http.route_failed", message: `The option route failed: ${reasonOf(thrown)}` });
    return undefined;
  }
}

/** Says that a request has one span although it was to have two. */
export function reportTwice({ report }: Pick<HttpServerConfig<never>, "report">): void {
  report({
    level: "warn",
    code: "http.wrapped_twice",
    message: "A request handler is traced twice; it has one span. Wrap the server, or its handlers, but not both.",
  });
}
