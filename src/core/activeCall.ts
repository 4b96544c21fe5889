/**
 * What the running code is part of, wherever it runs: a Convex call, or what entered a server. Apart from the functions that
 * trace, which do not ask.
 */
import { getActiveSpan } from "./api.js";
import { activeContext } from "./context.js";
import { providerContext } from "./otelGlobal.js";
import type { CallScope } from "./ports.js";
import type { Span } from "./types.js";

/** A span of a server that this library set up: it knows what it is part of. */
export interface ServerSpan extends Span {
  /** What all spans below one entry into the server share. */
  readonly callScope: CallScope;
}

/** The running call; undefined where nothing is traced, or where somebody else set up the provider. */
export function activeCall(): CallScope | undefined {
  return activeContext()?.call ?? callScopeOf(getActiveSpan());
}

/** What a span is part of, whichever copy of this library made it. */
export function callScopeOf(span: object | undefined): CallScope | undefined {
  return (span as Partial<ServerSpan> | undefined)?.callScope;
}

/** Where the API keeps baggage (`api/src/baggage/context-helpers.ts`). */
export const BAGGAGE_KEY = Symbol.for("OpenTelemetry Baggage Key");

/** `Baggage` of the API, as far as it is read. */
interface OtelBaggage {
  getEntry(key: string): { readonly value: unknown } | undefined;
}

/** A value of the baggage that is active for the registered provider. */
export function otelBaggageValue(key: string): unknown {
  const baggage = providerContext()?.getValue(BAGGAGE_KEY) as OtelBaggage | undefined;
  return baggage?.getEntry(key)?.value;
}
