/**
 * An OTLP/HTTP receiver inside the test process. It validates strictly, answers like an OpenTelemetry Collector, and
 * fails on demand in all the ways a real backend does. Listens on loopback only.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { DecodedSpan, DecodeOtlpOptions } from "./decodeOtlp.js";
import { readRequest } from "./readRequest.js";
import type { ReceivedRequest } from "./receivedRequest.js";
import { accepts, statusReply, writeReply, type ReceiverAnswer, type ReceiverScript } from "./receiverAnswer.js";
import { spanKey } from "./spanForest.js";
import { spanWaiters, type SpanCondition, type SpanWaiters } from "./spanWaiters.js";

/** Options of {@link startOtlpReceiver}. */
export interface OtlpReceiverOptions extends DecodeOtlpOptions {
  /** @defaultValue 0: a free port */
  readonly port?: number;
  /**
   * Larger bodies get 413, before or after decompression.
   *
   * @defaultValue 20 MiB, as the collector's `confighttp`
   */
  readonly maxBodyBytes?: number;
}

/** Options of `waitForSpans`. */
export interface WaitForSpansOptions {
  /** @defaultValue 5000 */
  readonly timeoutMs?: number;
}

/** A running receiver. */
export interface OtlpReceiver {
  /** `http://127.0.0.1:<port>`, the value for `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** The full address of the traces signal. */
  readonly tracesUrl: string;
  /** All spans that were accepted, in order of arrival, repeated ones too. */
  readonly spans: readonly DecodedSpan[];
  /** All requests that arrived whole, refused ones too. */
  readonly requests: readonly ReceivedRequest[];
  /** How many accepted spans had the id of an earlier one. */
  readonly duplicates: number;
  /**
   * Scripts the answers to the next valid exports. Requests that the receiver refuses by itself (404, 405, 413, 415,
   * 400) get their refusal and use up no answer.
   */
  respond(script: ReceiverScript): void;
  /**
   * Waits until so many different spans arrived, or until the condition is true for all that arrived.
   *
   * @throws Error after `timeoutMs`, or when the receiver is closed, with the requests and the tree of what arrived.
   */
  waitForSpans(condition: SpanCondition, options?: WaitForSpansOptions): Promise<readonly DecodedSpan[]>;
  /** Forgets spans, requests and script. */
  reset(): void;
  /** Stops listening and breaks open connections off, hanging ones too. Can be called again. */
  close(): Promise<void>;
}

/** `default_max_request_body_size` of the collector's config/confighttp. */
const COLLECTOR_MAX_BODY_BYTES = 20 * 1024 * 1024;
const DEFAULT_WAIT_MS = 5_000;

/**
 * Starts a receiver: `POST /v1/traces`, JSON or protobuf, gzip or not.
 *
 * Validation is strict by default; for the stock OpenTelemetry exporters pass `validation: "interoperable"`.
 *
 * @throws Error if the port is taken.
 *
 * @example
 * ```ts
 * import { spanTree, startOtlpReceiver } from "convex-otel/testing";
 *
 * const receiver = await startOtlpReceiver();
 * receiver.respond([{ status: 503, headers: { "retry-after": "1" } }, { fault: "reset" }]);
 * // run what is tested, with OTEL_EXPORTER_OTLP_ENDPOINT = receiver.url
 * console.log(spanTree(await receiver.waitForSpans(3)));
 * await receiver.close();
 * ```
 */
export async function startOtlpReceiver(options: OtlpReceiverOptions = {}): Promise<OtlpReceiver> {
  const state = new ReceiverState();
  const closing = new AbortController();
  const limits = { ...options, maxBodyBytes: options.maxBodyBytes ?? COLLECTOR_MAX_BODY_BYTES };
  const server = createServer((message, response) => {
    // A connection that breaks while it is read or answered is what some tests want: there is nobody left to tell.
    handle(message, response).catch(() => message.socket.destroy());
  });
  async function handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { request, refusal } = await readRequest(message, limits);
    const entry = state.add(request);
    const answer = refusal ?? (await state.nextAnswer(entry));
    if (answer.delayMs !== undefined) await sleep(answer.delayMs, undefined, { signal: closing.signal });
    // Before the answer, so that a client that has it finds its spans here; waiters are told after it.
    if (refusal === undefined && accepts(answer)) state.spans.push(...request.spans);
    await deliver(answer, entry, response);
    state.waiters.check();
  }
  const url = await listen(server, options.port ?? 0);
  return publicReceiver(url, state, () => close(server, closing, state.waiters));
}

/** A request whose status is not known yet. */
type Entry = { -readonly [K in keyof ReceivedRequest]: ReceivedRequest[K] };

/** What one receiver knows. */
class ReceiverState {
  readonly requests: Entry[] = [];
  readonly spans: DecodedSpan[] = [];
  readonly waiters: SpanWaiters = spanWaiters({
    spans: this.spans,
    requestLines: () => this.requests.map(requestLine),
  });
  script: ReceiverScript = [];

  add(request: ReceivedRequest): Entry {
    const entry = { ...request };
    this.requests.push(entry);
    return entry;
  }

  get duplicates(): number {
    return this.spans.length - new Set(this.spans.map((span) => spanKey(span.traceId, span.spanId))).size;
  }

  /** The scripted answer, or a collector's. A script that throws is a mistake in the test: it shows up as a 500. */
  async nextAnswer(request: ReceivedRequest): Promise<ReceiverAnswer> {
    if (typeof this.script !== "function") {
      const [answer = {}, ...left] = this.script;
      this.script = left;
      return answer;
    }
    try {
      return (await this.script(request)) ?? {};
    } catch (error) {
      return statusReply(500, `the function given to respond() threw: ${String(error)}`);
    }
  }

  reset(): void {
    this.requests.length = 0;
    this.spans.length = 0;
    this.script = [];
  }
}

function publicReceiver(url: string, state: ReceiverState, closeOnce: () => Promise<void>): OtlpReceiver {
  let closed: Promise<void> | undefined;
  return {
    url,
    tracesUrl: `${url}/v1/traces`,
    get spans() {
      return [...state.spans];
    },
    get requests() {
      return [...state.requests];
    },
    get duplicates() {
      return state.duplicates;
    },
    respond(script) {
      state.script = script;
    },
    waitForSpans: (condition, options = {}) => state.waiters.wait(condition, options.timeoutMs ?? DEFAULT_WAIT_MS),
    reset: () => state.reset(),
    close: () => (closed ??= closeOnce()),
  };
}

async function deliver(answer: ReceiverAnswer, entry: Entry, response: ServerResponse): Promise<void> {
  if ("fault" in answer) {
    if (answer.fault === "reset") response.socket?.resetAndDestroy();
    return;
  }
  if (response.destroyed) return;
  entry.status = answer.status ?? 200;
  await writeReply(response, entry, answer);
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : port}`);
    });
  });
}

function close(server: Server, closing: AbortController, waiters: SpanWaiters): Promise<void> {
  closing.abort();
  waiters.failAll("The receiver was closed");
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function requestLine(request: ReceivedRequest): string {
  const outcome = request.status === undefined ? "no answer" : String(request.status);
  return `  ${request.method} ${request.path} ${outcome}${request.problem === undefined ? "" : `: ${request.problem}`}`;
}
