/**
 * Reads a request as a collector does, and says what is wrong with it.
 *
 * Order of the checks and texts of the refusals follow the collector's `otlpreceiver` (otlphttp.go). One thing differs
 * on purpose: a body over the limit gets 413, as most vendors send it, where the collector says 400.
 */
import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { decodeOtlp, type DecodedSpan, type DecodeOtlpOptions } from "./decodeOtlp.js";
import { isProtobuf, MEDIA_TYPES, otlpType } from "./mediaType.js";
import { requestToJson } from "./otlpProtobuf.js";
import { OtlpValidationError } from "./otlpValidationError.js";
import type { ReceivedRequest } from "./receivedRequest.js";
import { statusReply, textReply, type ReceiverReply } from "./receiverAnswer.js";

/** How requests are judged. */
export interface ReadRequestOptions extends DecodeOtlpOptions {
  readonly maxBodyBytes: number;
}

/** A request, and how to refuse it if it is not a valid export. */
export interface Reading {
  readonly request: ReceivedRequest;
  readonly refusal: ReceiverReply | undefined;
}

const TRACES_PATH = "/v1/traces";

const unzip = promisify(gunzip);

/** Reads a whole request. Rejects only if the connection breaks. */
export async function readRequest(message: IncomingMessage, options: ReadRequestOptions): Promise<Reading> {
  const wire = await readBytes(message, options.maxBodyBytes);
  const base = {
    method: message.method ?? "",
    path: message.url ?? "",
    headers: flatHeaders(message),
    bytes: wire.bytes,
    body: "",
    spans: [],
    problem: undefined,
    status: undefined,
  } satisfies ReceivedRequest;
  const refuse = (refusal: ReceiverReply, problem: string, body = ""): Reading => {
    return { request: { ...base, body, problem }, refusal };
  };
  const unfit = checkHead(base);
  if (unfit !== undefined) return refuse(textReply(unfit.status, unfit.message), unfit.message);
  const content = await decompress(wire, base.headers, options.maxBodyBytes);
  if ("status" in content) return refuse(statusReply(content.status, content.message), content.message);
  const body = isProtobuf(base.headers) ? fromProtobuf(content) : toText(content);
  if (typeof body !== "string") return refuse(statusReply(body.status, body.message), body.message);
  const spans = decode(body, options);
  if (typeof spans === "string") return refuse(statusReply(400, spans), spans, body);
  return { request: { ...base, body, spans }, refusal: undefined };
}

interface Problem {
  readonly status: number;
  readonly message: string;
}

function checkHead({ method, path, headers }: ReceivedRequest): Problem | undefined {
  if (path.split("?")[0] !== TRACES_PATH) return { status: 404, message: "404 page not found" };
  if (method !== "POST") return { status: 405, message: "405 method not allowed, supported: [POST]" };
  if (otlpType(headers) !== undefined) return undefined;
  return { status: 415, message: `415 unsupported media type, supported: [${MEDIA_TYPES.join(", ")}]` };
}

interface WireBody {
  readonly bytes: number;
  /** Undefined if the body is larger than the limit. */
  readonly content: Buffer | undefined;
}

/** Reads to the end even past the limit: a client that is still sending would not see the answer. */
async function readBytes(message: IncomingMessage, limit: number): Promise<WireBody> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes <= limit) chunks.push(chunk);
  }
  return { bytes, content: bytes <= limit ? Buffer.concat(chunks) : undefined };
}

async function decompress(
  wire: WireBody,
  headers: ReceivedRequest["headers"],
  limit: number,
): Promise<Buffer | Problem> {
  const encoding = headers["content-encoding"] ?? "";
  if (wire.content === undefined) return tooLarge(limit);
  if (encoding === "" || encoding === "identity") return wire.content;
  if (encoding !== "gzip") return { status: 400, message: `unsupported Content-Encoding: ${encoding}` };
  try {
    return await unzip(wire.content, { maxOutputLength: limit });
  } catch (error) {
    const isTooLarge = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    return isTooLarge ? tooLarge(limit) : { status: 400, message: `invalid gzip: ${reason(error)}` };
  }
}

function tooLarge(limit: number): Problem {
  return { status: 413, message: `request body larger than ${limit} bytes` };
}

function toText(content: Uint8Array): string | Problem {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return { status: 400, message: "request body is not valid UTF-8" };
  }
}

function fromProtobuf(content: Uint8Array): string | Problem {
  try {
    return requestToJson(content);
  } catch (error) {
    if (error instanceof OtlpValidationError) return { status: 400, message: error.message };
    throw error;
  }
}

/** The spans, or what is wrong. */
function decode(body: string, options: DecodeOtlpOptions): DecodedSpan[] | string {
  try {
    return decodeOtlp(body, options);
  } catch (error) {
    if (error instanceof OtlpValidationError) return error.message;
    throw error;
  }
}

function flatHeaders(message: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(message.headersDistinct)) headers[name] = values?.join(", ") ?? "";
  return headers;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
