/** Which endpoint answers which path. */
import { aggregate } from "./endpoints/aggregate.js";
import { detail } from "./endpoints/detail.js";
import type { Endpoint } from "./endpoints/endpoint.js";
import { search } from "./endpoints/search.js";

/** A path with `:name` for what differs. */
export interface Route {
  readonly template: string;
  readonly endpoint: Endpoint;
}

/** A route that matched. */
export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** What kind of work each route does: a cache's target, and an objective, go by it. */
export const endpointClasses = {
  "/api/search": "search",
  "/api/listings/:id": "detail",
  "/api/categories/:category/stats": "aggregate",
} as const;

const routes: readonly Route[] = [
  { template: "/api/search", endpoint: search },
  { template: "/api/listings/:id", endpoint: detail },
  { template: "/api/categories/:category/stats", endpoint: aggregate },
];

const matchers = routes.map((route) => ({
  route,
  pattern: new RegExp(`^${route.template.replaceAll(/:(\w+)/g, "(?<$1>[^/]+)")}$`),
}));

/** The route of a path, if it has one. */
export function matchRoute(path: string): Match | undefined {
  for (const { route, pattern } of matchers) {
    const match = pattern.exec(path);
    if (match !== null) return { route, params: decoded(match.groups ?? {}) };
  }
  return undefined;
}

function decoded(params: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, decode(value)]));
}

/** Text that is not encoded as it should be stands for itself. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
