/**
 * Where requests go. OpenTelemetry has two kinds of endpoint, and mixing them up is the most common way to lose every
 * span to a 404: a base, to which `v1/traces` is appended, and the address for traces, which is used as it is
 * (https://opentelemetry.io/docs/specs/otel/protocol/exporter/#endpoint-urls-for-otlphttp).
 */

/** @internal What an endpoint must look like, for messages. */
export const ENDPOINT_RULE = "an absolute http: or https: URL without user name and password";

/** @internal The address for traces below a base, or undefined if the base is not usable. */
export function belowBase(base: string): string | undefined {
  const url = parseEndpoint(base);
  if (url === undefined) return undefined;
  const path = url.pathname.endsWith("/") ? url.pathname : `${url.pathname}/`;
  return `${url.origin}${path}v1/traces${url.search}`;
}

/** @internal The address as given, without a fragment, or undefined if it is not usable. */
export function asGiven(text: string): string | undefined {
  const url = parseEndpoint(text);
  return url && `${url.origin}${url.pathname}${url.search}`;
}

/**
 * @internal
 * An endpoint that was given in code, where one option has to do for both kinds: a bare origin is a base, anything with
 * a path is the address itself.
 */
export function fromCode(text: string): string | undefined {
  return parseEndpoint(text)?.pathname === "/" ? belowBase(text) : asGiven(text);
}

/** @internal Scheme, host and port, to compare destinations. */
export function originOf(url: string): string | undefined {
  return parseEndpoint(url)?.origin;
}

/** @internal Host and port, for messages: a path or a query may hold a key. */
export function hostOf(url: string): string {
  return parseEndpoint(url)?.host ?? "the endpoint";
}

/** `fetch` refuses a URL with credentials, and such a URL would put them into logs. */
function parseEndpoint(text: string): URL | undefined {
  try {
    const url = new URL(text);
    const usable = /^https?:$/.test(url.protocol) && !url.username && !url.password;
    return usable ? url : undefined;
  } catch {
    return undefined;
  }
}
