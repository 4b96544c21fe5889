/**
 * Finds what a module registers with Convex: functions among its exports, and routes of the HTTP router.
 *
 * Convex recognizes functions by their own properties (`crates/isolate/src/environment/analyze.rs` of
 * get-convex/convex-backend), whatever builder made them and under whatever name they are exported. So does this.
 */
import { isInstrumented } from "../adapters/convex/server/mark.js";

/** A query, mutation or action of an app. */
export interface RegisteredFunction {
  /** As in `getFunctionName`: `dir/mod:fn`, or `dir/mod` for a default export. */
  readonly path: string;
  readonly module: string;
  readonly kind: "query" | "mutation" | "action";
  readonly visibility: "public" | "internal";
  readonly instrumented: boolean;
}

/** A route of the HTTP router. */
export interface RegisteredRoute {
  /** Method and path: `POST /webhooks/stripe`; a prefix ends in `*`. */
  readonly path: string;
  readonly instrumented: boolean;
}

/** The functions among the exports of a module. */
export function registeredFunctions(module: string, exports: ReadonlyMap<string, unknown>): RegisteredFunction[] {
  return [...exports].flatMap(([name, value]) => {
    const kind = kindOf(value);
    if (kind === undefined || !isObject(value)) return [];
    const visibility = isTrue(value, "isInternal") ? "internal" : "public";
    const path = name === "default" ? module : `${module}:${name}`;
    return [{ path, module, kind, visibility, instrumented: isInstrumented(value) } as const];
  });
}

/** The routes of the app: those of the default export of `http`. */
export function registeredRoutes(module: string, exports: ReadonlyMap<string, unknown>): RegisteredRoute[] {
  const router = exports.get("default");
  if (module !== "http" || !isObject(router)) return [];
  return routesOf(router).flatMap(route);
}

// A router that cannot list its routes also fails the deploy, which says more about it.
function routesOf(router: object): readonly unknown[] {
  try {
    const list: unknown = Reflect.get(router, "getRoutes");
    const routes: unknown = typeof list === "function" ? Reflect.apply(list, router, []) : [];
    return Array.isArray(routes) ? routes : [];
  } catch {
    return [];
  }
}

/** The names in an exported array called `uninstrumented`, if the module has one. */
export function exportedList(exports: ReadonlyMap<string, unknown>): string[] | undefined {
  const list = exports.get("uninstrumented");
  return Array.isArray(list) ? list.filter((entry): entry is string => typeof entry === "string") : undefined;
}

function route(entry: unknown): RegisteredRoute[] {
  if (!Array.isArray(entry)) return [];
  const parts: readonly unknown[] = entry;
  const [path, method, handler] = parts;
  return [{ path: `${String(method)} ${String(path)}`, instrumented: isObject(handler) && isInstrumented(handler) }];
}

function kindOf(value: unknown): RegisteredFunction["kind"] | undefined {
  if (isTrue(value, "isQuery")) return "query";
  if (isTrue(value, "isMutation")) return "mutation";
  return isTrue(value, "isAction") ? "action" : undefined;
}

function isTrue(value: unknown, property: string): boolean {
  return isObject(value) && Object.hasOwn(value, property) && Reflect.get(value, property) === true;
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
