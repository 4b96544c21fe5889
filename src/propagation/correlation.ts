/**
 * The correlation id: a name for one piece of business, such as one webhook delivery, that people can search for.
 *
 * It is not the trace id. It outlives a trace that is cut for length, it comes from the outside where the sender has
 * one, and it is fit to be printed, stored and sent back in a header.
 */

/** The header that carries it over HTTP, in and out. */
export const CORRELATION_HEADER = "x-correlation-id";

/** The baggage key, and the attribute, that carries it inside. */
export const CORRELATION_BAGGAGE_KEY = "correlation.id";

/** Long enough for two UUIDs and two names; short enough for an index key. */
const MAX_LENGTH = 128;

const LEGAL = /^[\w.:-]{1,128}$/;
const ILLEGAL = /[^\w.:-]/gu;

/** What a correlation id is made from. */
export interface CorrelationSeed {
  /** The sender's id of this delivery (`evt_1NG8Du…`), the best name there is. */
  readonly deliveryId?: string | null | undefined;
  /** Who sent it: `stripe`, `github`, … */
  readonly provider?: string | null | undefined;
  /** What it is about: `invoice.paid`, … */
  readonly eventType?: string | null | undefined;
  /** Something unique, used where the delivery id is missing or unfit. Not empty, at most 128 characters. */
  readonly uuid: string;
}

/**
 * Whether `value` may be used as a correlation id: 1 to 128 of `A-Z a-z 0-9 . _ : -`. Anything else might break out of
 * a log line, a header or a search query.
 */
export function isValidCorrelationId(value: unknown): value is string {
  return typeof value === "string" && LEGAL.test(value);
}

/**
 * Makes a correlation id: the delivery id if it is valid, else `provider:eventType:uuid` without the parts that are
 * missing. Illegal characters become `-`; what is too long is cut before the uuid, which stays whole.
 *
 * @returns always a valid correlation id. Never throws.
 *
 * @example
 * ```ts
 * import { seedCorrelationId } from "convex-otel";
 *
 * seedCorrelationId({ deliveryId: null, provider: "stripe", eventType: "invoice.paid", uuid: "5f1c" });
 * // stripe:invoice.paid:5f1c
 * ```
 */
export function seedCorrelationId({ deliveryId, provider, eventType, uuid }: CorrelationSeed): string {
  if (isValidCorrelationId(deliveryId)) return deliveryId;
  const unique = uuid.replace(ILLEGAL, "-").slice(0, MAX_LENGTH) || "-";
  const names = [provider, eventType].filter((name) => typeof name === "string" && name !== "").join(":");
  const prefix = names.replace(ILLEGAL, "-").slice(0, Math.max(0, MAX_LENGTH - unique.length - 1));
  return prefix === "" ? unique : `${prefix}:${unique}`;
}
