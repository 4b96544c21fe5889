/** Requests by `fetch`. */
import type { Deadline } from "./deadline.js";
import { type Exchange, type HttpRequest, isRedirection, joined, MAX_ANSWER_BYTES } from "./exchange.js";

/** `fetch`, as far as it is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Sends by a `fetch`. By default the global one at the time of the request. */
export function fetchExchange(fetch?: Fetch): Exchange {
  return async (request, deadline) => {
    const headers = fetchHeaders(request);
    if (headers === undefined) return "invalid header";
    const body = request.body as BodyInit;
    const init: RequestInit = { method: "POST", headers, body, redirect: "manual", signal: deadline.signal };
    const response = await deadline.race((fetch ?? globalThis.fetch)(request.url, init));
    if (response === "late") return "late";
    return {
      status: response.status,
      isRedirect: response.type === "opaqueredirect" || isRedirection(response.status),
      header: (name) => response.headers.get(name),
      bytes: await readBody(response, deadline),
    };
  };
}

/** The headers, or undefined if the runtime refuses one of the user's. */
function fetchHeaders({ headers: { "user-agent": userAgent, ...others } }: HttpRequest): Headers | undefined {
  try {
    const headers = new Headers(others);
    if (userAgent !== undefined) setUserAgent(headers, userAgent);
    return headers;
  } catch {
    return undefined;
  }
}

/** OTLP asks for a User-Agent; some runtimes do not let it be set, and a request without is as good. */
function setUserAgent(headers: Headers, userAgent: string): void {
  try {
    headers.set("User-Agent", userAgent);
  } catch {
    return;
  }
}

async function readBody(response: Response, deadline: Deadline): Promise<Uint8Array | undefined> {
  const reader = response.body?.getReader();
  if (reader === undefined) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const chunk = await deadline.race(reader.read());
      if (chunk === "late") return undefined;
      if (chunk.done) return joined(chunks, size);
      chunks.push(chunk.value);
      size += chunk.value.byteLength;
      if (size > MAX_ANSWER_BYTES) return undefined;
    }
  } catch {
    return undefined;
  } finally {
    // Frees the connection where reading stopped early; after the last chunk it does nothing.
    reader.cancel().catch(() => {});
  }
}
