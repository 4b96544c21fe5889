/**
 * The start of a traced request: whose child it is, what it is called by, and its span. All rules of trust are here: what
 * comes from outside names a parent or a link as `publicContext` says, a correlation id if it is a valid one, and nothing
 * else.
 */
import { httpMethodAttributes, httpSpanName } from "../../core/httpSpan.js";
import { activeOtelContext, otelSpanIn, withSpanIn } from "../../core/otelContext.js";
import { type OtelContext, startOtelSpan } from "../../core/otelGlobal.js";
import type { PublicContextPolicy } from "../../core/options.js";
import { redactQuery } from "../../core/redactUrl.js";
import type { Attributes, Span, SpanContext, SpanOptions } from "../../core/types.js";
import { extractHeaders, type HeaderSource } from "../../propagation/headers.js";
import { otelCorrelationId, withOtelCorrelationId, withoutOtelBaggage } from "../../propagation/otelBaggage.js";
import { SAMPLED } from "../../propagation/traceparent.js";
import * as names from "../../semconv/attributes.js";
import { type Connection, serverAttributes } from "./forwarded.js";
import { headerAttributes, type ReadHeader } from "./headerAttributes.js";
import type { HttpServerConfig } from "./options.js";
import { RequestTrace } from "./requestTrace.js";

/** What a platform tells about a request when it comes in. */
export interface RequestFacts extends Connection {
  readonly method: string;
  readonly path: string;
  /** The query string without its question mark; empty if there is none. */
  readonly query: string;
  readonly headers: HeaderSource;
  readonly header: ReadHeader;
  /** `1.1`, `2`, … where it is known. */
  readonly protocolVersion?: string | undefined;
}

/** Begins a request; undefined if there is no provider to make a span. */
export function beginRequest<Args extends readonly unknown[]>(
  config: HttpServerConfig<Args>,
  facts: RequestFacts,
  routeAtEnd: () => string | undefined,
): RequestTrace | undefined {
  const active = activeOtelContext();
  const { spanContext: caller, correlationId: given } = extractHeaders(facts.headers);
  const isInner = hasLocalParent(active);
  const id = (isInner ? otelCorrelationId(active) : undefined) ?? given ?? crypto.randomUUID();
  const context = withOtelCorrelationId(isInner ? active : withoutOtelBaggage(withSpanIn(active, undefined)), id);
  const route = typeof config.route === "string" ? config.admitRoute(config.route) : undefined;
  const name = httpSpanName(facts.method, route, config.methods);
  const attributes = { ...requestAttributes(config, facts, route), [names.CORRELATION_ID]: id };
  const span = isInner
    ? startOtelSpan(name, { kind: "internal", attributes }, context)
    : startEntry(name, { kind: "server", attributes }, context, caller, config.publicContext);
  if (span === undefined) return undefined;
  const parts = { config, method: facts.method, span, correlationId: id, routeAtEnd };
  return new RequestTrace({ ...parts, context: withSpanIn(context, span) });
}

/**
 * Whether this request is a part of something that is being traced in this process: then that has spoken with the caller,
 * and is the SERVER span. A span that has ended does not count: a server may have been started within one, and everything
 * that happens on it afterwards inherits its context.
 */
function hasLocalParent(context: OtelContext): boolean {
  const span = otelSpanIn(context);
  if (span === undefined) return false;
  const { isRemote, traceFlags } = span.spanContext();
  return isRemote !== true && (span.isRecording() || (traceFlags & SAMPLED) === 0);
}

/** Starts the span of a request that came from outside. */
function startEntry(
  name: string,
  options: SpanOptions,
  context: OtelContext,
  caller: SpanContext | undefined,
  policy: PublicContextPolicy,
): Span | undefined {
  if (caller === undefined || policy === "ignore") return startOtelSpan(name, options, context);
  if (policy === "continue") {
    const span = startOtelSpan(name, options, withSpanIn(context, caller));
    if (span === undefined || (caller.traceFlags & SAMPLED) !== 0) return span;
    if ((span.spanContext().traceFlags & SAMPLED) === 0) return span;
    // The sampler keeps what the caller did not: nobody would ever see that parent. The span just made is given up.
  }
  return startOtelSpan(name, { ...options, links: [{ context: caller }] }, context);
}

/** No parameters' values, no headers but the user agent, no address: what may identify a user is left out. */
function requestAttributes(
  config: Pick<HttpServerConfig<never>, "methods" | "urls" | "classOf" | "requestHeaders">,
  facts: RequestFacts,
  route: string | undefined,
): Attributes {
  const { method, header } = facts;
  const userAgent = header("user-agent");
  return {
    ...httpMethodAttributes(method, config.methods),
    [names.HTTP_ROUTE]: route,
    [names.CONVEX_HTTP_ENDPOINT_CLASS]: config.classOf(method, route),
    [names.URL_PATH]: facts.path,
    [names.URL_QUERY]: facts.query === "" ? undefined : redactQuery(facts.query, config.urls),
    ...serverAttributes(facts, header),
    [names.USER_AGENT_ORIGINAL]: typeof userAgent === "string" ? userAgent : undefined,
    [names.NETWORK_PROTOCOL_VERSION]: facts.protocolVersion,
    ...headerAttributes("request", config.requestHeaders, header),
  };
}
