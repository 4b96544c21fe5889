/**
 * The start of a traced request: whose child it is, what it is called by, and its span. All rules of trust are here: what
 * comes from outside names a parent or a link as `publicContext` says, a correlation id if it is a valid one, and nothing
 * else.
 */
import { callScopeOf } from "../../core/activeCall.js";
import { httpMethodAttributes } from "../../core/httpSpan.js";
import { INCOMING_KEY } from "../../core/incomingKey.js";
import { LayeredContext } from "../../core/layeredContext.js";
import { otelSpanIn, withSpanIn } from "../../core/otelContext.js";
import { type OtelContext, startOtelSpan } from "../../core/otelGlobal.js";
import type { PublicContextPolicy } from "../../core/options.js";
import { redactQuery } from "../../core/redactUrl.js";
import type { Attributes, Span, SpanContext, SpanOptions } from "../../core/types.js";
import { getCorrelationId, setCorrelationId } from "../../propagation/active.js";
import type { Extracted } from "../../propagation/carrier.js";
import { extractHeaders, type HeaderSource } from "../../propagation/headers.js";
import { withOtelCorrelationId, withoutOtelBaggage } from "../../propagation/otelBaggage.js";
import { SAMPLED } from "../../propagation/traceparent.js";
import * as names from "../../semconv/attributes.js";
import { type Connection, serverOf } from "./forwarded.js";
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

/** Begins a request in the context that is active; undefined if there is no provider to make a span. */
export function beginRequest<Args extends readonly unknown[]>(
  config: HttpServerConfig<Args>,
  active: OtelContext,
  facts: RequestFacts,
  given: string | undefined,
  routeAtEnd: () => string | undefined,
): RequestTrace | undefined {
  const extracted = extractHeaders(facts.headers);
  const isInner = hasLocalParent(active);
  const correlationId = isInner ? nameCall(extracted) : correlationIdOf(extracted);
  const context = isInner
    ? withOtelCorrelationId(active, correlationId)
    : entryContext(active, extracted, correlationId);
  const route = config.admitRoute(given);
  const { spanName, endpointClass } = config.factsOf(facts.method, route);
  const attributes = requestAttributes(config, facts, { route, endpointClass, correlationId });
  const span = isInner
    ? startOtelSpan(spanName, { kind: "internal", attributes }, context)
    : startEntry(spanName, { kind: "server", attributes }, context, extracted.spanContext, config.publicContext);
  if (span === undefined) return undefined;
  return new RequestTrace({
    config,
    method: facts.method,
    span,
    context: withSpanIn(context, span),
    correlationId,
    routeAtStart: route,
    routeAtEnd,
  });
}

function correlationIdOf({ correlationId }: Extracted): string {
  return correlationId ?? crypto.randomUUID();
}

/**
 * The id of what the request is a part of. If that has none, as where a framework made the SERVER span, it gets the
 * request's: on a server with `registerNode` the id is that of a whole call, not of a context.
 */
function nameCall(extracted: Extracted): string {
  const known = getCorrelationId();
  if (known !== undefined) return known;
  const id = correlationIdOf(extracted);
  return setCorrelationId(id) ?? id;
}

/**
 * The context that a request from outside starts in: no span, no baggage but its correlation id, and, for the tracer of
 * `registerNode`, all that it came with.
 */
function entryContext(active: OtelContext, extracted: Extracted, correlationId: string): OtelContext {
  const bare = withoutOtelBaggage(withSpanIn(LayeredContext.on(active), undefined));
  const { spanContext, lineage, baggage } = extracted;
  const incoming = { spanContext, lineage, baggage, correlationId };
  return withOtelCorrelationId(bare, correlationId).setValue(INCOMING_KEY, incoming);
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

/** What else is said of a request when it begins. */
interface Naming {
  readonly route: string | undefined;
  readonly endpointClass: string | undefined;
  readonly correlationId: string;
}

/**
 * No parameters' values, no headers but the user agent, no address: what may identify a user is left out.
 *
 * One object for all: spreading others into it took longer than everything else that is done for a request.
 */
function requestAttributes(
  { methods, urls, requestHeaders }: Pick<HttpServerConfig<never>, "methods" | "urls" | "requestHeaders">,
  facts: RequestFacts,
  { route, endpointClass, correlationId }: Naming,
): Attributes {
  const { method, header, query } = facts;
  const { scheme, address, port } = serverOf(facts, header);
  const userAgent = header("user-agent");
  const attributes = httpMethodAttributes(method, methods);
  attributes[names.HTTP_ROUTE] = route;
  attributes[names.CONVEX_HTTP_ENDPOINT_CLASS] = endpointClass;
  attributes[names.URL_PATH] = facts.path;
  attributes[names.URL_QUERY] = query === "" ? undefined : redactQuery(query, urls);
  attributes[names.URL_SCHEME] = scheme;
  attributes[names.SERVER_ADDRESS] = address;
  attributes[names.SERVER_PORT] = port;
  attributes[names.USER_AGENT_ORIGINAL] = typeof userAgent === "string" ? userAgent : undefined;
  attributes[names.NETWORK_PROTOCOL_VERSION] = facts.protocolVersion;
  attributes[names.CORRELATION_ID] = correlationId;
  return Object.assign(attributes, headerAttributes("request", requestHeaders, header));
}
