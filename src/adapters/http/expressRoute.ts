/**
 * The route that Express matched. `req.route` has the template of its last part, but where its router is mounted Express
 * only tells the path that was asked for (`req.baseUrl`): with ids in it where the mount has parameters. So the template of
 * each mount is put together when the request passes it, from the parameters that Express has set just before.
 *
 * Only documented members of `req` are used, which Express 4 and 5 share.
 */

/** What matched: of the router that it is declared in, without its mount. */
interface Route {
  readonly path?: unknown;
}

/** A request of Express, as far as its route is concerned. */
interface ExpressRequest {
  route?: Route | undefined;
  /** Anything may set it: null, too. */
  readonly params?: Readonly<Record<string, unknown>> | null;
  baseUrl?: unknown;
}

/** Says the template of the route that matched, once the request has been handled. */
export type RouteReader = () => string | undefined;

/** Starts following a request through the mounts of an Express app. */
export function followMounts(request: object): RouteReader {
  const express = request as ExpressRequest;
  /** Templates by the path of the mount. */
  const templates = new Map<unknown, string>([["", ""]]);
  const enter = (mount: unknown): void => {
    if (typeof mount === "string" && !templates.has(mount))
      templates.set(mount, mountTemplate(mount, templates, express));
  };
  let { baseUrl, route } = express;
  // An error leaves the routers it passes, and with them their mounts: the route keeps the one that it was set in.
  let mountOfRoute = baseUrl;
  enter(baseUrl);
  try {
    watchMember(request, "baseUrl", baseUrl, (value) => enter((baseUrl = value)));
    watchMember(request, "route", route, (value) => {
      route = value as Route | undefined;
      mountOfRoute = baseUrl;
    });
  } catch {
    // A request that cannot be watched has no route: a path must not become one.
    return () => undefined;
  }
  return () => routeTemplate(route, templates.get(mountOfRoute) ?? "");
}

/** Tells each value that a member is given; it can be read as before. */
function watchMember(target: object, name: string, first: unknown, told: (value: unknown) => void): void {
  let current = first;
  Object.defineProperty(target, name, {
    configurable: true,
    enumerable: true,
    get: () => current,
    set(value: unknown) {
      current = value;
      told(value);
    },
  });
}

/** The template of a mount within another: what is new in the path, with parameters in the place of their values. */
function mountTemplate(mount: string, templates: ReadonlyMap<unknown, string>, { params }: ExpressRequest): string {
  let outer = "";
  for (const known of templates.keys()) {
    if (typeof known === "string" && mount.startsWith(`${known}/`) && known.length > outer.length) outer = known;
  }
  const inner = mount.slice(outer.length).split("/");
  return (templates.get(outer) ?? "") + inner.map((segment) => segmentTemplate(segment, params ?? {})).join("/");
}

function segmentTemplate(segment: string, params: Readonly<Record<string, unknown>>): string {
  const text = decoded(segment);
  const found = Object.keys(params).filter((name) => valuesOf(params[name]).some((value) => text.includes(value)));
  return found.length === 0 ? segment : found.map((name) => `:${name}`).join("-");
}

/** A parameter's values, without empty ones, which are everywhere. Wildcards of Express 5 have several. */
function valuesOf(param: unknown): string[] {
  const values: unknown[] = Array.isArray(param) ? param : [param];
  return values.filter((value) => typeof value === "string" && value !== "") as string[];
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function routeTemplate(route: Route | null | undefined, mount: string): string | undefined {
  const paths: unknown[] = Array.isArray(route?.path) ? route.path : [route?.path];
  // Of several, nothing tells which one matched.
  const template = paths.map(pathTemplate).join("|");
  if (template === "") return undefined;
  return template === "/" && mount !== "" ? mount : mount + template;
}

/** A pattern is written in the program, as a template is. */
function pathTemplate(path: unknown): string {
  return typeof path === "string" ? path : path instanceof RegExp ? path.source : "";
}
