/**
 * One export request over HTTP: sends it, reads the answer, and says which of four things happened. Retrying, splitting
 * and giving up are decided elsewhere.
 *
 * Loaded with `import()` when something is sent, so that Convex functions that only record do not pay for it. Uses
 * timers, so it may run only in Convex actions and on servers.
 */
import { suppressTracing } from "../core/api.js";
import { SCOPE_NAME, VERSION } from "../semconv/version.js";
import { startDeadline, type Deadline } from "./deadline.js";
import { hostOf } from "./endpoint.js";
import type { Compression } from "./environment.js";
import type { HeaderMap } from "./headers.js";
import { judgeResponse, type PostResult } from "./response.js";
import { safeText } from "./safeText.js";

const JSON_TYPE = "application/json";
const PROTOBUF_TYPE = "application/x-protobuf";

/** Responses may be this large (OTLP specification, "OTLP/HTTP Response"); what is longer is not read. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

/** `fetch`, as far as it is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Reads an answer in OTLP/protobuf, the body of a success or the `google.rpc.Status` of a failure, into what JSON would have
 * said. Never throws.
 */
export type AnswerReader = (bytes: Uint8Array, kind: "response" | "status") => unknown;

/** One request. */
export interface PostRequest {
  readonly url: string;
  /** Headers by lower-case name, without those that the body decides. */
  readonly headers: HeaderMap;
  /** OTLP/JSON as text, or OTLP/protobuf as bytes. */
  readonly body: string | Uint8Array;
  /** Reads what is answered to bytes. Not part of the transport, so that who sends text does not load it. */
  readonly readAnswer?: AnswerReader | undefined;
  /** Milliseconds until the answer must be read; `Infinity` for no limit. */
  readonly timeoutMs: number;
  readonly compression: Compression;
  /** Milliseconds since the Unix epoch, for a `Retry-After` that is a date. */
  readonly now: () => number;
  /** @defaultValue the global `fetch` at the time of the call */
  readonly fetch?: Fetch | undefined;
}

/** @internal Sends one request. Never rejects. */
export async function post(request: PostRequest): Promise<PostResult> {
  const deadline = startDeadline(request.timeoutMs);
  try {
    return await exchange(request, deadline);
  } catch (error) {
    // Convex throws plain errors where browsers throw TypeError, so every error counts as "no answer".
    return {
      kind: "retryable",
      message: `no answer from ${hostOf(request.url)}${errorCode(error)}${reachHint(request.url)}`,
    };
  } finally {
    deadline.clear();
  }
}

async function exchange(request: PostRequest, deadline: Deadline): Promise<PostResult> {
  const host = hostOf(request.url);
  const headers = requestHeaders(request);
  if (headers === undefined) return { kind: "failure", message: `${host} was not asked: a header is not valid` };
  const body = request.compression === "gzip" ? await gzip(request.body) : (request.body as BodyInit);
  const init: RequestInit = { method: "POST", headers, body, redirect: "manual", signal: deadline.signal };
  const response = await deadline.race(callFetch(request, init));
  if (response === "late") return { kind: "retryable", message: `no answer from ${host} in ${request.timeoutMs} ms` };
  const bytes = await readBody(response, deadline);
  const content = bytes && readContent(bytes, response, request);
  const clean = (detail: string) => safeText(detail, request.url, request.headers);
  return judgeResponse({ response, content, host, now: request.now, clean });
}

/** The mistake everybody makes once: a deployment in the cloud is told to send to the developer's own machine. */
function reachHint(url: string): string {
  const isLoopback = /^https?:\/\/(localhost|127\.[\d.]+|\[::1\])(?=[:/]|$)/i.test(url);
  return isLoopback ? "; a loopback address is reached only from the same machine, never from a cloud deployment" : "";
}

/** The one place where the network is touched. The request must not become a span that is exported in its turn. */
function callFetch(request: PostRequest, init: RequestInit): Promise<Response> {
  const send: Fetch = request.fetch ?? globalThis.fetch;
  return suppressTracing(() => send(request.url, init));
}

/** All headers, or undefined if the runtime refuses one of the user's. */
function requestHeaders({ headers, body, compression }: PostRequest): Headers | undefined {
  try {
    const all = new Headers({ ...headers });
    all.set("Content-Type", typeof body === "string" ? JSON_TYPE : PROTOBUF_TYPE);
    if (compression === "gzip") all.set("Content-Encoding", "gzip");
    setUserAgent(all);
    return all;
  } catch {
    return undefined;
  }
}

/** OTLP asks for a User-Agent; some runtimes do not let it be set, and a request without is as good. */
function setUserAgent(headers: Headers): void {
  try {
    if (headers.has("User-Agent")) return;
    headers.set("User-Agent", `${SCOPE_NAME}/${VERSION} OTel-OTLP-Exporter-JavaScript/${VERSION}`);
  } catch {
    return;
  }
}

async function gzip(body: string | Uint8Array): Promise<ArrayBuffer> {
  return new Response(new Blob([body as BlobPart]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
}

/** The body of the answer, or undefined where it is too long, breaks off or comes too late: the status still counts. */
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
      if (size > MAX_RESPONSE_BYTES) return undefined;
    }
  } catch {
    return undefined;
  } finally {
    // Frees the connection where reading stopped early; after the last chunk it does nothing.
    reader.cancel().catch(() => {});
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/** What an answer says: in the encoding that it names, or else in that of the request. Undefined for other texts. */
function readContent(bytes: Uint8Array, { ok, headers }: Response, request: PostRequest): unknown {
  const type = headers.get("Content-Type") ?? (typeof request.body === "string" ? JSON_TYPE : PROTOBUF_TYPE);
  if (type.includes("protobuf")) return request.readAnswer?.(bytes, ok ? "response" : "status");
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** Only a code such as ECONNREFUSED: the message of a network error may hold the URL with its query. */
function errorCode(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined;
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? ` (${code})` : "";
}
