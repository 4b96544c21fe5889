/** The last look at a route before it names a span: what is no template must not become one. */
import type { Diagnostics } from "../../core/ports.js";

/** More templates than a large server has, and few enough for every backend. */
const MAX_ROUTES = 500;

/** Longer than any template that people write. */
const MAX_LENGTH = 256;

/** Lets templates pass. Who returns paths instead returns ever new ones, and is stopped and told. */
export type RouteFilter = (route: unknown) => string | undefined;

/** A filter with a memory of its own. */
export function routeFilter(report: Diagnostics): RouteFilter {
  const seen = new Set<string>();
  return (route) => {
    if (typeof route !== "string" || route === "" || route.length > MAX_LENGTH) return undefined;
    if (seen.has(route)) return route;
    if (seen.size < MAX_ROUTES) {
      seen.add(route);
      return route;
    }
    report({
      level: "warn",
      code: "http.too_many_routes",
      message: `More than ${MAX_ROUTES} different routes were given, so they are taken for paths and further ones are left out; give templates such as "/orders/:id".`,
    });
    return undefined;
  };
}
