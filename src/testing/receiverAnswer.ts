/**
 * What the OTLP receiver answers: like a collector, or what a test scripted.
 */
import type { ServerResponse } from "node:http";
import { isProtobuf, otlpType } from "./mediaType.js";
import { answerBytes } from "./otlpProtobuf.js";
import type { ReceivedRequest } from "./receivedRequest.js";

/** An HTTP response. */
export interface ReceiverReply {
  /** @defaultValue 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text, or an answer of OTLP/JSON to send in the encoding of the request. Default: what a collector sends with that status. */
  readonly body?: string | object;
  /** Wait this many milliseconds before answering. @defaultValue 0 */
  readonly delayMs?: number;
  /** Whether the spans count as received. Default: if the status is 2xx. */
  readonly accept?: boolean;
}

/** No HTTP response at all. */
export interface ReceiverFault {
  /** `"reset"` breaks the connection off, `"hang"` keeps it open and never answers. */
  readonly fault: "reset" | "hang";
  /** Wait this many milliseconds before that. @defaultValue 0 */
  readonly delayMs?: number;
  /** Whether the spans count as received: true simulates an answer that was lost. @defaultValue `false` */
  readonly accept?: boolean;
}

/** One scripted answer. */
export type ReceiverAnswer = ReceiverReply | ReceiverFault;

/**
 * Scripted answers for valid exports: a list is used up one by one, a function is asked each time. When the list is at
 * its end, or the function returns undefined, the receiver answers like a collector.
 */
export type ReceiverScript =
  | readonly ReceiverAnswer[]
  | ((request: ReceivedRequest) => ReceiverAnswer | undefined | Promise<ReceiverAnswer | undefined>);

/** gRPC codes of `google.rpc.Status` for HTTP statuses (google/rpc/code.proto); all others are 2, unknown. */
const RPC_CODES: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  413: 8,
  429: 8,
  503: 14,
  504: 4,
};
const RPC_UNKNOWN = 2;

/** A failure with the body the OTLP specification asks for: a `google.rpc.Status` in JSON. */
export function statusReply(status: number, message: string): ReceiverReply {
  return { status, body: { code: RPC_CODES[status] ?? RPC_UNKNOWN, message } };
}

/** A failure as the collector's HTTP layer sends it, in plain text. */
export function textReply(status: number, message: string): ReceiverReply {
  return { status, headers: { "content-type": "text/plain" }, body: message };
}

/** Whether the spans of the request count as received. */
export function accepts(answer: ReceiverAnswer): boolean {
  if (answer.accept !== undefined) return answer.accept;
  return "fault" in answer ? false : isSuccess(answer.status ?? 200);
}

/** Writes a response. Resolves when it was handed to the operating system, or the client has gone. */
export async function writeReply(
  response: ServerResponse,
  { headers }: Pick<ReceivedRequest, "headers">,
  reply: ReceiverReply,
): Promise<void> {
  const status = reply.status ?? 200;
  const body = reply.body ?? defaultBody(status);
  const type = otlpType(headers) ?? "application/json";
  response.writeHead(status, { "content-type": type, ...reply.headers });
  await new Promise<void>((resolve) => {
    response.once("close", resolve);
    response.end(encoded(body, headers), resolve);
  });
}

function encoded(body: string | object, headers: ReceivedRequest["headers"]): string | Uint8Array {
  if (typeof body === "string") return body;
  return isProtobuf(headers) ? answerBytes(body) : JSON.stringify(body);
}

function defaultBody(status: number): object {
  if (isSuccess(status)) return { partialSuccess: {} };
  return { code: RPC_CODES[status] ?? RPC_UNKNOWN, message: `scripted answer ${status}` };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
