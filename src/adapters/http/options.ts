/** The options of this adapter: as users write them, and with the defaults filled in. */
import type { PublicContextPolicy } from "../../core/options.js";
import type { Diagnostics } from "../../core/ports.js";
import { type QueryPolicy, SECRET_PARAMETERS, type UrlRules } from "../../core/redactUrl.js";
import { checkOptions } from "./checkOptions.js";
import { type HeaderNames, recordableHeaders } from "./headerAttributes.js";
import { type HostRule, hostRule } from "./hosts.js";
import { knownMethods } from "./knownMethods.js";
import { reporter } from "./reporter.js";
import { type RouteTable, routeTable } from "./routeFacts.js";
import { type RouteFilter, routeFilter } from "./routes.js";

/** What server and client have in common. */
export interface HttpOptions {
  /**
   * What is recorded of query strings: the names of parameters (`q=REDACTED`), or their values too, but for those of
   * {@link secretParameters}. What has no name is never recorded.
   *
   * @defaultValue `"names"`
   */
  readonly query?: QueryPolicy;
  /**
   * Parameters whose values are never recorded, in any case of letters. Replaces the default, which is `X-Amz-Signature`,
   * `X-Amz-Credential`, `X-Amz-Security-Token`, `AWSAccessKeyId`, `Signature`, `sig`, `X-Goog-Signature`, `token`,
   * `access_token`, `api_key`, `code` and `password`.
   */
  readonly secretParameters?: readonly string[];
  /**
   * Headers to record, as `http.request.header.<name>` and `http.response.header.<name>`. `authorization`,
   * `proxy-authorization`, `cookie`, `set-cookie` and `x-webhook-signature` never are, even if they are listed.
   *
   * @defaultValue none
   */
  readonly captureHeaders?: { readonly request?: readonly string[]; readonly response?: readonly string[] };
  /**
   * Where this adapter reports about itself, each thing once for each wrapped handler.
   *
   * @defaultValue the console
   */
  readonly diagnostics?: Diagnostics;
}

/**
 * Options of a traced server. `Args` is what its handlers are called with: a `Request` and what follows it, or
 * `(req, res)`.
 */
export interface HttpServerOptions<Args extends readonly unknown[]> extends HttpOptions {
  /**
   * The template of the route, such as `/orders/:id`: it names the span. For a handler of one route the template itself;
   * else a function that is asked when the request has been handled. A path is no template: ids in it would make as many
   * names. More than 500 different answers are taken for paths and left out.
   *
   * @defaultValue in Express and Fastify the route that matched, else what `setHttpRoute` said
   */
  readonly route?: string | ((...args: Args) => string | undefined);
  /**
   * What kind of work the route does (`search`, `detail`, `aggregate`): `convex.http.endpoint.class`. One class, or
   * classes by route: `{ "/api/search": "search", "GET /items/:id": "detail" }`.
   *
   * @defaultValue none
   */
  readonly endpointClass?: string | Readonly<Record<string, string>>;
  /**
   * Requests that are not traced, such as health checks, and nothing below them either: paths (`"/healthz"`, `"/assets/*"`),
   * or a function.
   *
   * @defaultValue none
   */
  readonly ignore?: readonly string[] | ((...args: Args) => boolean);
  /**
   * Trace context in requests: continue the caller's trace, start a new one with a link to it, or ignore it. A valid
   * correlation id is taken over in any case; all other baggage from outside is dropped.
   *
   * @defaultValue `"continue"`
   */
  readonly publicContext?: PublicContextPolicy;
}

/** Options of {@link tracedFetch}. */
export interface TracedFetchOptions extends HttpOptions {
  /**
   * Hosts that are sent `traceparent`, `tracestate`, `baggage` and `x-correlation-id`: `"api.example.com"`,
   * `"*.example.com"` (not `example.com` itself), `"localhost:4000"`, `"*"` for all, or a function. All others get the
   * request as it is.
   *
   * @defaultValue none
   */
  readonly propagateTo?: readonly string[] | ((url: URL) => boolean);
  /**
   * A template for the URL (`/v1/customers/{id}`): the span is then named by it and carries `url.template`.
   *
   * @defaultValue none: spans are named by their method
   */
  readonly template?: (url: URL, method: string) => string | undefined;
  /**
   * The function that sends. It runs within the span.
   *
   * @defaultValue the global `fetch` of now, within which other instrumentation is suppressed
   */
  readonly fetch?: (...args: Parameters<typeof fetch>) => Promise<Response>;
}

/** What both sides go by. */
export interface HttpConfig {
  readonly urls: UrlRules;
  readonly methods: readonly string[] | undefined;
  readonly requestHeaders: HeaderNames;
  readonly responseHeaders: HeaderNames;
  readonly report: Diagnostics;
}

/** {@link HttpServerOptions} with the defaults filled in. */
export interface HttpServerConfig<Args extends readonly unknown[]> extends HttpConfig {
  readonly route: HttpServerOptions<Args>["route"];
  readonly admitRoute: RouteFilter;
  readonly factsOf: RouteTable;
  readonly ignores: (path: string, args: Args) => boolean;
  readonly publicContext: PublicContextPolicy;
}

/** {@link TracedFetchOptions} with the defaults filled in. */
export interface HttpClientConfig extends HttpConfig {
  readonly propagatesTo: HostRule;
  readonly template: TracedFetchOptions["template"];
  readonly send: TracedFetchOptions["fetch"];
}

/** @throws TypeError for an option that does not exist or has a wrong value. */
export function resolveServerOptions<Args extends readonly unknown[]>(
  caller: string,
  options: HttpServerOptions<Args>,
): HttpServerConfig<Args> {
  checkOptions(caller, options, "server");
  const { endpointClass, ignore = [] } = options;
  const shared = resolveShared(options);
  return {
    ...shared,
    route: options.route,
    admitRoute: routeFilter(shared.report),
    factsOf: routeTable(endpointClass, shared.methods),
    ignores: typeof ignore === "function" ? (_path, args) => ignore(...args) : (path) => isListed(path, ignore),
    publicContext: options.publicContext ?? "continue",
  };
}

/** @throws TypeError for an option that does not exist or has a wrong value. */
export function resolveClientOptions(caller: string, options: TracedFetchOptions): HttpClientConfig {
  checkOptions(caller, options, "client");
  return {
    ...resolveShared(options),
    propagatesTo: hostRule(options.propagateTo ?? []),
    template: options.template,
    send: options.fetch,
  };
}

function resolveShared(options: HttpOptions): HttpConfig {
  const secrets = options.secretParameters ?? SECRET_PARAMETERS;
  return {
    urls: {
      query: options.query ?? "names",
      secretParameters: new Set(secrets.map((name) => name.toLowerCase())),
    },
    methods: knownMethods(),
    requestHeaders: recordableHeaders(options.captureHeaders?.request),
    responseHeaders: recordableHeaders(options.captureHeaders?.response),
    report: reporter(options.diagnostics),
  };
}

/** Whether a path is one of those listed, of which `/assets/*` stands for all below it. */
function isListed(path: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => (pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern));
}
