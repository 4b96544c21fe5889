/** The client: a `fetch` that traces, and tells the hosts on an allow-list where a request comes from. */
import { addMessageRule } from "../../core/errorRules.js";
import { recordError, startSpan, suppressTracing, withActiveSpan } from "../../core/api.js";
import { httpMethodAttributes, httpSpanName } from "../../core/httpSpan.js";
import { redactUrl } from "../../core/redactUrl.js";
import type { Attributes, Span } from "../../core/types.js";
import { getCorrelationId } from "../../propagation/active.js";
import * as names from "../../semconv/attributes.js";
import { headerAttributes } from "./headerAttributes.js";
import { portOf } from "./hosts.js";
import { type HttpClientConfig, resolveClientOptions, type TracedFetchOptions } from "./options.js";
import {
  contextFields,
  type FetchArgs,
  isOtlpExport,
  type Outgoing,
  outgoing,
  signalOf,
  withContext,
} from "./outgoing.js";
import { followRedirects, isFollowable } from "./redirects.js";
import { reasonOf } from "./reporter.js";
import { watching } from "./watching.js";
import { isWrapped, markWrapped } from "./wrapped.js";

/**
 * A `fetch` whose calls are CLIENT spans: one for each call, which ends when the response's headers are there. Redirects
 * that `fetch` follows are part of the call. Answers of 400 and above, and no answer, are errors of the span; a call that
 * the caller aborts is none, unless by `AbortSignal.timeout`. Response and errors are those of `fetch`.
 *
 * Nothing is told to other hosts unless `propagateTo` lists them. Headers are never added to objects of yours. Requests of
 * OTLP exporters are not traced, and where nothing is traced `fetch` is called with what it was given. Without an active
 * span, each call is a trace of its own.
 *
 * @throws TypeError for a wrong option, or where there is no `fetch`.
 * @example
 * ```ts
 * import { tracedFetch } from "convex-otel/http";
 *
 * const fetch = tracedFetch({ propagateTo: ["*.internal.example.com"] });
 * const orders = fetch("https://orders.internal.example.com/v1/orders?status=open");
 * ```
 */
export function tracedFetch(
  options: TracedFetchOptions = {},
): (...args: Parameters<typeof fetch>) => Promise<Response> {
  const config = resolveClientOptions("tracedFetch", options);
  protectCredentials();
  // Not looked up at each call: the global may be replaced by what is made here.
  const send = config.send ?? globalThis.fetch;
  if (typeof send !== "function") throw new TypeError("tracedFetch: there is no global fetch; give the option fetch.");
  if (isWrapped(send)) {
    config.report({
      level: "warn",
      code: "http.wrapped_twice",
      message: "tracedFetch was given a fetch that traces already: that one's options stay in force.",
    });
    return send;
  }
  return markWrapped((...args: FetchArgs) => {
    const attempt = beginAttempt(config, args);
    return attempt === undefined ? send(...args) : runAttempt(config, attempt, () => attempt.call(send));
  });
}

/** A request that is being sent. */
interface Attempt {
  readonly span: Span;
  /** What the program gave. */
  readonly args: FetchArgs;
  readonly call: (send: typeof fetch) => Promise<Response>;
}

/** Starts the span of a request; undefined where nothing is to be traced. Never throws. */
function beginAttempt(config: HttpClientConfig, args: FetchArgs): Attempt | undefined {
  try {
    const request = outgoing(args);
    if (request === undefined || isOtlpExport(request)) return undefined;
    const template = templateOf(config, request);
    const span = startSpan(httpSpanName(request.method, template, config.methods), {
      kind: "client",
      attributes: requestAttributes(config, request, template),
    });
    if (/^0+$/.test(span.spanContext().traceId)) return undefined;
    return { span, args, call: callOf(config, span, request, args) };
  } catch (thrown) {
    config.report({ level: "error", code: "http.not_traced", message: `A request is not traced: ${reasonOf(thrown)}` });
    return undefined;
  }
}

/** How a request is sent: as it is, or with trace context, for as long as it goes to hosts that are listed. */
function callOf(
  { propagatesTo }: HttpClientConfig,
  span: Span,
  { url, method, headers }: Outgoing,
  args: FetchArgs,
): Attempt["call"] {
  if (!propagatesTo(url)) return (send) => send(...args);
  // Asked for now: while the request is sent, tracing is suppressed.
  const fields = contextFields(span);
  const added = (own: Headers) => withContext(fields, own);
  if (!isFollowable(args)) {
    const told: FetchArgs = [args[0], { ...args[1], headers: added(new Headers(headers)) }];
    return (send) => send(...told);
  }
  const first = { url, method, headers, signal: signalOf(args) };
  return (send) => followRedirects({ send, propagatesTo, withContext: added }, args, first);
}

function templateOf({ template, report }: HttpClientConfig, { url, method }: Outgoing): string | undefined {
  try {
    return template?.(url, method);
  } catch (thrown) {
    report({
      level: "error",
      code: "http.template_failed",
      message: `The option template failed: ${reasonOf(thrown)}`,
    });
    return undefined;
  }
}

function requestAttributes(
  config: HttpClientConfig,
  { url, method, headers }: Outgoing,
  template: string | undefined,
): Attributes {
  const attributes = httpMethodAttributes(method, config.methods);
  attributes[names.SERVER_ADDRESS] = url.hostname.replace(/^\[|\]$/g, "");
  attributes[names.SERVER_PORT] = portOf(url);
  attributes[names.URL_FULL] = redactUrl(url, config.urls);
  attributes[names.CORRELATION_ID] = getCorrelationId();
  attributes[names.URL_TEMPLATE] = template;
  return Object.assign(
    attributes,
    headerAttributes("request", config.requestHeaders, (name) => headers.get(name)),
  );
}

/** Sends. Other instrumentation of the platform's own `fetch` is kept out: it would make a second span of the request. */
function runAttempt(
  config: HttpClientConfig,
  { span, args }: Attempt,
  call: () => Promise<Response>,
): Promise<Response> {
  const isOwn = config.send !== undefined;
  return watching(() => (isOwn ? withActiveSpan(span, call) : suppressTracing(call)), {
    returned(response) {
      end(config, span, () => describeResponse(config, span, response as Response));
      return response;
    },
    threw: (thrown) => end(config, span, () => describeError(span, thrown, args)),
  });
}

function describeResponse(config: HttpClientConfig, span: Span, { status, headers }: Response): void {
  span.setAttribute(names.HTTP_RESPONSE_STATUS_CODE, status);
  if (config.responseHeaders.length > 0) {
    span.setAttributes(headerAttributes("response", config.responseHeaders, (name) => headers.get(name)));
  }
  if (status < 400) return;
  span.setAttribute(names.ERROR_TYPE, String(status));
  span.setStatus({ code: 2 });
}

/** `fetch` refuses a URL with a password, and says which. */
function protectCredentials(): void {
  addMessageRule("http", (thrown) => {
    const message = thrown instanceof TypeError ? String(thrown.message) : "";
    const redacted = message.replace(CREDENTIALS, "//REDACTED:REDACTED@");
    return redacted === message ? undefined : redacted;
  });
}

/** In front of the host of a URL. */
const CREDENTIALS = /\/\/[^\s/?#@]*@/g;

/** A request that the caller does not want any more has not failed; one that took too long has. */
function describeError(span: Span, thrown: unknown, args: FetchArgs): void {
  const signal = signalOf(args);
  const isTimeout = Reflect.get(Object(signal?.reason), "name") === "TimeoutError";
  if (signal?.aborted === true && !isTimeout) span.addEvent("request.cancelled");
  else recordError(thrown, span);
}

/** The span may be of anyone's provider, and the response of anyone's `fetch`: neither may reach the caller by an error. */
function end({ report }: HttpClientConfig, span: Span, describe: () => void): void {
  try {
    describe();
    span.end();
  } catch (thrown) {
    report({ level: "warn", code: "http.not_described", message: `A request's span is lost: ${reasonOf(thrown)}` });
  }
}
