/** What `cached` keeps in a store: the value, and what is needed to tell later how old it is. */

/** A value with its times. */
export interface Entry {
  readonly value: unknown;
  /** Milliseconds since the Unix epoch. */
  readonly storedAt: number;
  /** Seconds it counts as fresh. */
  readonly ttl: number;
  /** Marks what we wrote: under the same key there may be something of somebody else. */
  readonly format: typeof FORMAT;
}

const FORMAT = "convex-otel/1";

/** Seconds a value may be used, and beyond its time to live in which cases. */
export interface Lifetime {
  readonly ttl: number;
  readonly staleWhileRevalidate: number;
  readonly staleIfError: number;
}

/** What an entry is still good for. */
export type Freshness = "fresh" | "stale" | "in need" | "useless";

/** Makes an entry. */
export function makeEntry(value: unknown, ttl: number, now: number): Entry {
  return { value, storedAt: now, ttl, format: FORMAT };
}

/** What a store gave back, if it is an entry. */
export function asEntry(stored: unknown): Entry | undefined {
  if (typeof stored !== "object" || stored === null) return undefined;
  const { value, storedAt, ttl, format } = stored as Partial<Entry>;
  const isOurs = format === FORMAT && typeof storedAt === "number" && typeof ttl === "number";
  return isOurs ? { value, storedAt, ttl, format } : undefined;
}

/** Seconds since an entry was written; never below 0, whatever became of the clock. */
export function ageOf(entry: Entry, now: number): number {
  return Math.max(0, (now - entry.storedAt) / 1000);
}

/** The shorter time to live counts, of when it was written and of now. */
export function freshness(entry: Entry, lifetime: Lifetime, now: number): Freshness {
  const past = ageOf(entry, now) - Math.min(entry.ttl, lifetime.ttl);
  if (past < 0) return "fresh";
  if (past < lifetime.staleWhileRevalidate) return "stale";
  return past < lifetime.staleIfError ? "in need" : "useless";
}

/** Milliseconds after which nobody has a use for the entry any more. */
export function keepMs({ ttl, staleWhileRevalidate, staleIfError }: Lifetime): number {
  return Math.max(1, Math.ceil((ttl + Math.max(staleWhileRevalidate, staleIfError)) * 1000));
}
