/**
 * Redirects of requests that tell where they come from. `fetch` follows them with the same headers, also to hosts that are
 * not listed; so as long as a request carries trace context, each of its redirects is looked at before it is followed, by
 * the rules of the Fetch standard ("HTTP-redirect fetch"). Once one leads to another host, `fetch` goes on by itself, without context.
 */
import type { HostRule } from "./hosts.js";
import type { FetchArgs } from "./outgoing.js";

/** What is followed. */
export interface RedirectedRequest {
  readonly url: URL;
  readonly method: string;
  /** Headers of the program alone. */
  readonly headers: Headers;
  readonly signal: AbortSignal | null | undefined;
}

/** How it is followed. */
export interface RedirectParts {
  readonly send: typeof fetch;
  /** Which hosts may be told. */
  readonly propagatesTo: HostRule;
  /** The headers with trace context. */
  readonly withContext: (headers: Headers) => Headers;
}

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** As many as the Fetch standard allows. */
const MAX_REDIRECTS = 20;

/** What describes a body that is not sent any more. */
const OF_THE_BODY = ["content-encoding", "content-language", "content-length", "content-location", "content-type"];

/** What no other origin may see. */
const OF_THE_ORIGIN = ["authorization", "proxy-authorization", "cookie", "host"];

/**
 * Whether redirects of a request can be followed here as `fetch` would: the platform shows them (browsers do not), the body can
 * be sent again, and the program wants them followed.
 */
export function isFollowable([input, init]: FetchArgs): boolean {
  const request = typeof input === "object" && "url" in input ? input : undefined;
  const body = init?.body ?? request?.body ?? undefined;
  const isSentAgain =
    body === undefined ||
    typeof body === "string" ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body) ||
    [Blob, URLSearchParams, FormData].some((type) => body instanceof type);
  const redirect = init?.redirect ?? request?.redirect ?? "follow";
  const integrity = init?.integrity ?? request?.integrity ?? "";
  return showsRedirects() && isSentAgain && redirect === "follow" && integrity === "";
}

/** Node, Bun and Deno. */
function showsRedirects(): boolean {
  const { process } = globalThis as { readonly process?: { readonly versions?: { readonly node?: unknown } } };
  return typeof process?.versions?.node === "string";
}

/** Sends a request and follows its redirects. The response, or the error, is that of `fetch`. */
export async function followRedirects(
  { send, propagatesTo, withContext }: RedirectParts,
  [input, init]: FetchArgs,
  first: RedirectedRequest,
): Promise<Response> {
  const { signal } = first;
  let { url, method } = first;
  let body = init?.body;
  const headers = new Headers(first.headers);
  let response = await send(input, { ...init, headers: withContext(new Headers(headers)), redirect: "manual" });
  for (let count = 1; ; count++) {
    const next = targetOf(response, url);
    if (next === undefined) return count === 1 ? response : asRedirected(response);
    if (count > MAX_REDIRECTS) throw failed("redirect count exceeded");
    if (response.status === 303 ? method !== "HEAD" : response.status < 303 && method === "POST") {
      method = "GET";
      body = null;
      for (const name of OF_THE_BODY) headers.delete(name);
    }
    if (next.origin !== url.origin) for (const name of OF_THE_ORIGIN) headers.delete(name);
    url = next;
    void response.body?.cancel().catch(() => undefined);
    const own: RequestInit = { ...init, method, body: body ?? null, signal: signal ?? null };
    if (!propagatesTo(url)) return asRedirected(await send(url, { ...own, headers, redirect: "follow" }));
    response = await send(url, { ...own, headers: withContext(new Headers(headers)), redirect: "manual" });
  }
}

/** Where a response leads to; undefined for one that is none of these. */
function targetOf({ status, headers }: Response, from: URL): URL | undefined {
  const location = REDIRECTS.includes(status) ? headers.get("location") : null;
  if (location === null) return undefined;
  if (!URL.canParse(location, from)) throw failed("the location of a redirect is no URL");
  const url = new URL(location, from);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw failed("URL scheme must be a HTTP(S) scheme");
  return url;
}

/** As `fetch` fails on Node. */
function failed(reason: string): TypeError {
  return new TypeError("fetch failed", { cause: new Error(reason) });
}

function asRedirected(response: Response): Response {
  return Object.defineProperty(response, "redirected", { value: true, configurable: true });
}
