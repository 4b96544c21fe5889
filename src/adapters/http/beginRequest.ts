/**
 * The start of a traced request: whose child it is, what it is called by, and its span. All rules of trust are here: what
 * comes from outside names a parent or a link as `publicContext` says, a correlation id if it is a valid one, and nothing
 * else.
 */
import { callScopeOf } from "../../core/activeCall.js";
import { httpMethodAttributes, httpSpanName } from "../../core/httpSpan.js";
import { INCOMING_KEY } from "../../core/incomingKey.js";
import { activeOtelContext, otelSpanIn, withSpanIn } from "../../core/otelContext.js";
import { type OtelContext, startOtelSpan } from "../../core/otelGlobal.js";
import type { PublicContextPolicy } from "../../core/options.js";
import { redactQuery } from "../../core/redactUrl.js";
import type { Attributes, Span, SpanContext, SpanOptions } from "../../core/types.js";
import { getCorrelationId } from "../../propagation/active.js";
import type { Extracted } from "../../propagation/carrier.js";
import { extractHeaders, type HeaderSource } from "../../propagation/headers.js";
import { withOtelCorrelationId, withoutOtelBaggage } from "../../propagation/otelBaggage.js";
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
  routeAtStart: string | undefined,
  routeAtEnd: () => string | undefined,
): RequestTrace | undefined {
  const active = activeOtelContext();
  const extracted = extractHeaders(facts.headers);
  const isInner = hasLocalParent(active);
  const id = (isInner ? getCorrelationId() : undefined) ?? extracted.correlationId ?? crypto.randomUUID();
  const context = isInner ? withOtelCorrelationId(active, id) : entryContext(active, extracted, id);
  const route = config.admitRoute(routeAtStart);
  const name = httpSpanName(facts.method, route, config.methods);
  const attributes = { ...requestAttributes(config, facts, route), [names.CORRELATION_ID]: id };
  const span = isInner
    ? startOtelSpan(name, { kind: "internal", attributes }, context)
    : startEntry(name, { kind: "server", attributes }, context, extracted.spanContext, config.publicContext);
  if (span === undefined) return undefined;
  const parts = { config, method: facts.method, span, correlationId: id, routeAtEnd };
  return new RequestTrace({ ...parts, context: withSpanIn(context, span) });
}

/**
 * The context that a request from outside starts in: no span, no baggage but its correlation id, and, for the tracer of
 * `registerNode`, all that it came with.
 */
function entryContext(active: OtelContext, extracted: Extracted, correlationId: string): OtelContext {
  const bare = withoutOtelBaggage(withSpanIn(active, undefined));
  return withOtelCorrelationId(bare, correlationId).setValue(INCOMING_KEY, { ...extracted, correlationId });
}

/** Spans that were neither sampled nor of one request: see below. */
const surroundings = new WeakSet<object>();

/**
 * Whether this request is a part of something that is being traced in this process: then that has spoken with the caller,
 * and is the SERVER span.
 *
 * A server may have been started within a span, and everything that happens on it afterwards inherits its context. So a
 * span that has ended does not count. One that was not sampled does not tell whether it has; it counts for one request,
 * since that of an instrumentation is another one for each.
 */
function hasLocalParent(context: OtelContext): boolean {
  const span = otelSpanIn(context);
  if (span === undefined) return false;
  const { isRemote, traceFlags } = span.spanContext();
  if (isRemote === true && callScopeOf(span) === undefined) return false;
  if (span.isRecording()) return true;
  if ((traceFlags & SAMPLED) !== 0 || surroundings.has(span)) return false;
  surroundings.add(span);
  return true;
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
    const { traceId, traceFlags } = span.spanContext();
    if ((traceFlags & SAMPLED) === 0 || traceId !== caller.traceId) return span;
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
