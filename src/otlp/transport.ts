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
import type { Exchange, HttpAnswer } from "./exchange.js";
import { fetchExchange } from "./fetchExchange.js";
import type { HeaderMap } from "./headers.js";
import { isSuccess, judgeAnswer, type PostResult } from "./response.js";
import { safeText } from "./safeText.js";

const JSON_TYPE = "application/json";
const PROTOBUF_TYPE = "application/x-protobuf";
const USER_AGENT = `${SCOPE_NAME}/${VERSION} OTel-OTLP-Exporter-JavaScript/${VERSION}`;

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
  /** @defaultValue by the global `fetch` at the time of the call */
  readonly exchange?: Exchange | undefined;
}

/** @internal Sends one request. Never rejects. */
export async function post(request: PostRequest): Promise<PostResult> {
  const deadline = startDeadline(request.timeoutMs);
  try {
    return await send(request, deadline);
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

async function send(request: PostRequest, deadline: Deadline): Promise<PostResult> {
  const { url, body, compression, exchange = fetchExchange() } = request;
  const host = hostOf(url);
  const sent = { url, headers: requestHeaders(request), body: compression === "gzip" ? await gzip(body) : body };
  // The request must not become a span that is exported in its turn.
  const answer = await suppressTracing(() => exchange(sent, deadline));
  if (answer === "late") return { kind: "retryable", message: `no answer from ${host} in ${request.timeoutMs} ms` };
  if (answer === "invalid header") return { kind: "failure", message: `${host} was not asked: a header is not valid` };
  const clean = (detail: string) => safeText(detail, url, request.headers);
  return judgeAnswer({ answer, content: readContent(answer, request), host, now: request.now, clean });
}

/** The mistake everybody makes once: a deployment in the cloud is told to send to the developer's own machine. */
function reachHint(url: string): string {
  const isLoopback = /^https?:\/\/(localhost|127\.[\d.]+|\[::1\])(?=[:/]|$)/i.test(url);
  return isLoopback ? "; a loopback address is reached only from the same machine, never from a cloud deployment" : "";
}

/** All headers. Those that the body decides replace the user's; OTLP asks for a User-Agent, and the user's is as good. */
function requestHeaders({ headers, body, compression }: PostRequest): HeaderMap {
  return {
    "user-agent": USER_AGENT,
    ...headers,
    "content-type": typeof body === "string" ? JSON_TYPE : PROTOBUF_TYPE,
    ...(compression === "gzip" ? { "content-encoding": "gzip" } : {}),
  };
}

async function gzip(body: string | Uint8Array): Promise<ArrayBuffer> {
  return new Response(new Blob([body as BlobPart]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
}

/** What an answer says: in the encoding that it names, or else in that of the request. Undefined for other texts. */
function readContent(answer: HttpAnswer, { body, readAnswer }: PostRequest): unknown {
  const { bytes } = answer;
  if (bytes === undefined) return undefined;
  const type = answer.header("content-type") ?? (typeof body === "string" ? JSON_TYPE : PROTOBUF_TYPE);
  if (type.includes("protobuf")) return readAnswer?.(bytes, isSuccess(answer.status) ? "response" : "status");
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
