/**
 * What follows from method and route: what a span is called, and the class of its endpoint. There are few of them, and each
 * request asks twice, so each is put together once.
 */
import { httpSpanName } from "../../core/httpSpan.js";

/** What follows from method and route. */
export interface RouteFacts {
  readonly spanName: string;
  readonly endpointClass: string | undefined;
}

/** Tells the facts of a route that has been admitted, or of none. */
export type RouteTable = (method: string, route: string | undefined) => RouteFacts;

/** One class for all endpoints, or classes by `/path` or `METHOD /path`. */
export type EndpointClasses = string | Readonly<Record<string, string>> | undefined;

/** Methods are what clients send: those beyond as many as HTTP has are not remembered. */
const MAX_METHODS = 50;

/** A table that remembers. Of routes there are as many as are admitted. */
export function routeTable(classes: EndpointClasses, knownMethods: readonly string[] | undefined): RouteTable {
  const byMethod = new Map<string, Map<string | undefined, RouteFacts>>();
  return (method, route) => {
    let byRoute = byMethod.get(method);
    if (byRoute === undefined) {
      byRoute = new Map();
      if (byMethod.size < MAX_METHODS) byMethod.set(method, byRoute);
    }
    let facts = byRoute.get(route);
    if (facts === undefined) {
      const spanName = httpSpanName(method, route, knownMethods);
      facts = { spanName, endpointClass: classOf(classes, method, route) };
      byRoute.set(route, facts);
    }
    return facts;
  };
}

function classOf(classes: EndpointClasses, method: string, route: string | undefined): string | undefined {
  if (typeof classes !== "object") return classes;
  return route === undefined ? undefined : (classes[`${method} ${route}`] ?? classes[route]);
}
