/**
 * The baggage in contexts of `@opentelemetry/api`: on servers with a registered provider it holds the correlation id of
 * the running request, so that propagators and span processors of anyone find it.
 */
import { BAGGAGE_KEY } from "../core/activeCall.js";
import { activeOtelContext } from "../core/otelContext.js";
import type { OtelContext } from "../core/otelGlobal.js";
import type { BaggageEntry } from "./baggage.js";
import { CORRELATION_BAGGAGE_KEY } from "./correlation.js";

/** `BaggageEntry` of the API. */
interface OtelBaggageEntry {
  readonly value: string;
}

/** `Baggage` of the API: immutable entries by key. */
interface OtelBaggage {
  getEntry(key: string): OtelBaggageEntry | undefined;
  getAllEntries(): [string, OtelBaggageEntry][];
  setEntry(key: string, entry: OtelBaggageEntry): OtelBaggage;
  removeEntry(key: string): OtelBaggage;
  removeEntries(...keys: string[]): OtelBaggage;
  clear(): OtelBaggage;
}

function baggageIn(context: OtelContext): OtelBaggage | undefined {
  return context.getValue(BAGGAGE_KEY) as OtelBaggage | undefined;
}

/** All of the baggage in the active context. */
export function otelBaggage(): BaggageEntry[] {
  return (baggageIn(activeOtelContext())?.getAllEntries() ?? []).map(([key, { value }]) => ({ key, value }));
}

/** The context with a correlation id added to its baggage. */
export function withOtelCorrelationId(context: OtelContext, id: string): OtelContext {
  const entry = { value: id };
  const baggage =
    baggageIn(context)?.setEntry(CORRELATION_BAGGAGE_KEY, entry) ??
    new Entries(new Map().set(CORRELATION_BAGGAGE_KEY, entry));
  return context.setValue(BAGGAGE_KEY, baggage);
}

/** The context without baggage. */
export function withoutOtelBaggage(context: OtelContext): OtelContext {
  return context.deleteValue(BAGGAGE_KEY);
}

/** `Baggage` of the API, for where there is none yet. */
class Entries implements OtelBaggage {
  readonly #entries: ReadonlyMap<string, OtelBaggageEntry>;

  constructor(entries: ReadonlyMap<string, OtelBaggageEntry>) {
    this.#entries = entries;
  }

  getEntry(key: string): OtelBaggageEntry | undefined {
    return this.#entries.get(key);
  }

  getAllEntries(): [string, OtelBaggageEntry][] {
    return [...this.#entries];
  }

  setEntry(key: string, entry: OtelBaggageEntry): OtelBaggage {
    return new Entries(new Map(this.#entries).set(key, entry));
  }

  removeEntry(key: string): OtelBaggage {
    return this.removeEntries(key);
  }

  removeEntries(...keys: string[]): OtelBaggage {
    return new Entries(new Map([...this.#entries].filter(([key]) => !keys.includes(key))));
  }

  clear(): OtelBaggage {
    return new Entries(new Map());
  }
}
