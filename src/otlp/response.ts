/**
 * What an answer means. The OTLP specification decides which are worth another try
 * (https://opentelemetry.io/docs/specs/otlp/#otlphttp-response); everything else is final.
 */
import type { HttpAnswer } from "./exchange.js";

/** What became of one request. */
export type PostResult =
  | { readonly kind: "success"; readonly rejectedSpans: number; readonly message?: string }
  | { readonly kind: "retryable"; readonly retryAfterMs?: number; readonly message: string }
  | { readonly kind: "tooLarge"; readonly message: string }
  | {
      readonly kind: "failure";
      readonly message: string;
      /** The HTTP status, if there was one: whether it speaks of the spans or of the address and its key. */
      readonly status?: number;
    };

/** An answer and what is needed to talk about it. */
export interface Judged {
  readonly answer: HttpAnswer;
  /** What the body says, as JSON has it; undefined if it could not be read. */
  readonly content: unknown;
  readonly host: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** Makes text of the backend fit for a log. */
  readonly clean: (text: string) => string;
}

/** @internal Sorts an answer into one of four outcomes. */
export function judgeAnswer(judged: Judged): PostResult {
  const { answer, host } = judged;
  const { status } = answer;
  if (isSuccess(status)) return success(judged);
  if (answer.isRedirect) {
    return {
      kind: "failure",
      message: `${host} answered with a redirect, which is not followed; use the final address`,
      status,
    };
  }
  const message = `${host} answered ${status}${detail(judged)}`;
  if (status === 413) return { kind: "tooLarge", message };
  if (status === 429 || status === 502 || status === 503 || status === 504) {
    const retryAfterMs = parseRetryAfter(answer.header("retry-after"), judged.now());
    return { kind: "retryable", message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  return { kind: "failure", message, status };
}

/**
 * @internal
 * `Retry-After` in milliseconds: seconds or an HTTP date (RFC 9110 §10.2.3).
 *
 * @param now - milliseconds since the Unix epoch
 * @returns undefined for a missing or unreadable value
 */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  const text = value?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // All three forms of an HTTP date end in GMT or have a weekday in front; `Date.parse` alone takes nearly anything.
  const date = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(/GMT$/.test(text) ? text : `${text} GMT`) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** @internal Any 2xx: Datadog answers 202. */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Spans that were rejected are final and must not be sent again. */
function success({ content, clean, host }: Judged): PostResult {
  const partial = field(content, "partialSuccess");
  const rejectedSpans = toCount(field(partial, "rejectedSpans"));
  const message = field(partial, "errorMessage");
  if (typeof message === "string" && message !== "") {
    return { kind: "success", rejectedSpans, message: `${host}: ${clean(message)}` };
  }
  return rejectedSpans === 0
    ? { kind: "success", rejectedSpans }
    : { kind: "success", rejectedSpans, message: `${host} rejected spans without saying why` };
}

/** The `message` of the `google.rpc.Status` that a failed request is answered with. */
function detail({ content, clean }: Judged): string {
  const message = field(content, "message");
  return typeof message === "string" && message !== "" ? `: ${clean(message)}` : "";
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** A 64-bit integer: a string by the JSON mapping, but numbers must be accepted too. */
function toCount(value: unknown): number {
  const count = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof count === "number" && Number.isSafeInteger(count) && count > 0 ? count : 0;
}
