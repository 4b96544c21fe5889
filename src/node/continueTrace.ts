/** Work that another process, or a Convex function, asked for. */
import { context as contextApi, trace } from "@opentelemetry/api";
import type { Carrier } from "../propagation/carrier.js";
import { extractHeaders, type HeaderSource } from "../propagation/headers.js";
import { withIncoming } from "./incoming.js";

/**
 * Runs `fn` below a caller elsewhere: the spans that it starts continue the caller's trace, and correlation ids go on. For
 * messages, jobs and servers without an instrumentation of their own. Without a caller, or a readable one, spans start a
 * trace.
 *
 * @param caller - a carrier (`injectCarrier`), the headers of a request, or anything: what cannot be read counts as none
 * @returns what `fn` returns.
 * @example
 * ```ts
 * import { withSpan, type Carrier } from "convex-otel";
 * import { continueTrace } from "convex-otel/node";
 *
 * export function onMessage(message: { body: string; _otel?: Carrier }) {
 *   return continueTrace(message._otel, () => withSpan("handle", { kind: "consumer" }, () => message.body.length));
 * }
 * ```
 */
export function continueTrace<T>(caller: Carrier | HeaderSource | null | undefined, fn: () => T): T {
  const extracted = extractHeaders((caller ?? {}) as HeaderSource);
  return contextApi.with(withIncoming(trace.deleteSpan(contextApi.active()), extracted), fn);
}
