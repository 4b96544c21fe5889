/**
 * One traced request while a server works on it: what is active in its handler, which route it turns out to have, and
 * how it ends.
 */
import { recordError } from "../../core/api.js";
import { activeOtelContext, withOtelContext } from "../../core/otelContext.js";
import type { OtelContext } from "../../core/otelGlobal.js";
import type { Span } from "../../core/types.js";
import * as names from "../../semconv/attributes.js";
import { headerAttributes, type ReadHeader } from "./headerAttributes.js";
import type { HttpServerConfig } from "./options.js";

/** Where the request is kept in the context of the registered provider. */
const REQUEST_KEY = Symbol.for("convex-otel.http.request.v1");

/** How a request ended. */
export type RequestEnd =
  /** `status` is absent where the handler returned no response that could be read. */
  | { readonly outcome: "answered"; readonly status: number | undefined; readonly header: ReadHeader }
  /** The client left. Nothing here went wrong. */
  | { readonly outcome: "cancelled"; readonly status: number | undefined }
  | { readonly outcome: "failed"; readonly thrown: unknown };

/** What a request is made of. */
export interface RequestParts {
  readonly config: Pick<HttpServerConfig<never>, "factsOf" | "responseHeaders" | "admitRoute" | "report">;
  readonly method: string;
  readonly span: Span;
  readonly context: OtelContext;
  readonly correlationId: string;
  /** The route that the span has got already. */
  readonly routeAtStart: string | undefined;
  /** The route, as far as options and platform tell once the request has been handled. */
  readonly routeAtEnd: () => string | undefined;
}

/** A traced request. */
export class RequestTrace {
  readonly correlationId: string;
  readonly #parts: RequestParts;
  readonly #context: OtelContext;
  #route: string | undefined;
  #thrown: { readonly value: unknown } | undefined;
  #hasEnded = false;

  constructor(parts: RequestParts) {
    this.#parts = parts;
    this.correlationId = parts.correlationId;
    this.#context = parts.context.setValue(REQUEST_KEY, this);
  }

  /** Runs `fn` within the request. */
  run<T>(fn: () => T): T {
    return withOtelContext(this.#context, fn);
  }

  /** Says the route, over all who are asked at the end. */
  setRoute(route: string): void {
    this.#route = route;
  }

  /** Notes an error that somebody will answer: only the answer tells whether the request has failed. */
  noteError(thrown: unknown): void {
    this.#thrown ??= { value: thrown };
  }

  /** Ends the span, once. Never throws. */
  end(end: RequestEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { span, config } = this.#parts;
    try {
      this.#describeRoute();
      this.#describeEnd(end);
    } catch (thrown) {
      config.report(notDescribed(thrown));
    }
    try {
      span.end();
    } catch {
      // The registered provider's concern.
    }
  }

  #describeRoute(): void {
    const { span, config, method, routeAtStart, routeAtEnd } = this.#parts;
    const route = config.admitRoute(this.#route ?? routeAtEnd());
    if (route === undefined || route === routeAtStart) return;
    const { spanName, endpointClass } = config.factsOf(method, route);
    span.setAttribute(names.HTTP_ROUTE, route);
    if (endpointClass !== undefined) span.setAttribute(names.CONVEX_HTTP_ENDPOINT_CLASS, endpointClass);
    span.updateName(spanName);
  }

  #describeEnd(end: RequestEnd): void {
    const { span, config } = this.#parts;
    if (end.outcome === "failed") return recordError(end.thrown, span);
    if (end.status !== undefined) span.setAttribute(names.HTTP_RESPONSE_STATUS_CODE, end.status);
    if (end.outcome === "cancelled") {
      span.addEvent("response.cancelled");
      return;
    }
    if (config.responseHeaders.length > 0) {
      span.setAttributes(headerAttributes("response", config.responseHeaders, end.header));
    }
    if (end.status === undefined || end.status < 500) return;
    if (this.#thrown !== undefined) return recordError(this.#thrown.value, span);
    span.setAttribute(names.ERROR_TYPE, String(end.status));
    span.setStatus({ code: 2 });
  }
}

function notDescribed(thrown: unknown) {
  return {
    level: "warn",
    code: "http.not_described",
    message: `A request's span is incomplete: ${thrown instanceof Error ? thrown.message : typeof thrown}`,
  } as const;
}

/**
 * Says the route of the request that is being handled, for frameworks that know it where no option can ask: call it with
 * a template, never with a path. What was said last counts, and it counts more than the option `route`.
 *
 * Does nothing where no request is traced.
 *
 * @example
 * ```ts
 * import { Hono } from "hono";
 * import { routePath } from "hono/route";
 * import { setHttpRoute, traceFetchHandler } from "convex-otel/http";
 *
 * const app = new Hono();
 * app.use(async (c, next) => {
 *   await next();
 *   setHttpRoute(routePath(c, -1));
 * });
 * app.get("/items/:id", (c) => c.json({ id: c.req.param("id") }));
 *
 * export const server = { fetch: traceFetchHandler(app.fetch) };
 * ```
 */
export function setHttpRoute(route: string): void {
  const request = activeOtelContext().getValue(REQUEST_KEY) as RequestTrace | undefined;
  request?.setRoute(route);
}
