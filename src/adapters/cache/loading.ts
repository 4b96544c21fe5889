/** How `cached` comes by a value: from the store, from a load that is under way, or by a load of its own. */
import { withSpan } from "../../core/api.js";
import { activeContext } from "../../core/context.js";
import { recordedSpan } from "../../core/recordedSpan.js";
import { inNewTrace } from "../../core/newTrace.js";
import type { Attributes, Link, Span } from "../../core/types.js";
import { CACHE_ITEM_AGE, CACHE_KEY_HASH, CACHE_NAME, CACHE_STALE, CACHE_TTL } from "../../semconv/attributes.js";
import { CacheKey } from "./cacheKey.js";
import { type CacheConfig, type CachedOptions, type CallConfig, resolveCall } from "./cacheOptions.js";
import {
  cacheAttributes,
  foundAttributes,
  foundNothing,
  type RunningOperation,
  startOperation,
  withCacheSpan,
} from "./cacheSpan.js";
import { ageOf, type Entry, freshness, keepMs, makeEntry } from "./entry.js";
import type { EntryStore } from "./entryStore.js";
import type { Flight, Flights } from "./flights.js";
import { type Found, HIT, MISS, noteLookup } from "./lookups.js";
import { isPromise } from "../../core/isPromise.js";

/** What a cache is made of. */
export interface Parts {
  readonly config: CacheConfig;
  readonly store: EntryStore;
  readonly flights: Flights;
}

/** A value that is asked for. */
interface Request extends CallConfig {
  readonly key: CacheKey;
  readonly load: () => unknown;
}

/** The value of a key. Rejects only with what `load` throws, and with a TypeError where it is no function. */
export async function valueOf(
  parts: Parts,
  key: unknown,
  load: (() => unknown) | undefined,
  options?: CachedOptions,
): Promise<unknown> {
  if (load === undefined) throw new TypeError("cached: the last argument must be a function that loads the value.");
  const { flights, config } = parts;
  const { endpoint, lifetime } = options === undefined ? config.call : resolveCall(options, config);
  const request: Request = { key: new CacheKey(String(key)), load, endpoint, lifetime };
  const { text } = request.key;
  for (;;) {
    const before = flights.get(text);
    if (before?.isGrounded === true) {
      await landed(before);
      continue;
    }
    // Whoever loads it has looked it up.
    if (before?.purpose === "need") return await join(parts, request, before, "not looked up");
    const found = lookUp(parts, request);
    // Not awaited where the store answers at once: nobody can come in between.
    const entry = isPromise(found) ? await found : found;
    const state = entry === undefined ? "useless" : freshness(entry, lifetime, config.now());
    const flight = flights.get(text);
    if (entry !== undefined && (state === "fresh" || state === "stale")) {
      if (state === "stale" && flight === undefined) refresh(parts, request);
      return entry.value;
    }
    if (flight === undefined) {
      return await flights.start(text, "need", (own) => loadInNeed(parts, request, own, entry)).value;
    }
    // If the key was removed meanwhile, that was while this call was under way: either order is right.
    return await join(parts, request, flight, "looked up");
  }
}

/** Reads the store. What goes wrong with it is a miss. */
function lookUp(parts: Parts, request: Request): Entry | undefined | Promise<Entry | undefined> {
  const { store, config } = parts;
  const { key, endpoint } = request;
  const lookup = startOperation(config.profile, { operation: "get", key, endpoint });
  const failed = (thrown: unknown): undefined => {
    lookup?.fail(thrown);
    return report(config, "read");
  };
  const read = (stored: unknown): Entry | undefined => {
    let entry: Entry | undefined;
    try {
      entry = store.read(stored);
    } catch (thrown) {
      return failed(thrown);
    }
    if (lookup !== undefined) endLookup(lookup, entry, parts, request);
    return entry;
  };
  let stored: unknown;
  try {
    stored = lookup === undefined ? store.get(key.text) : lookup.run(() => store.get(key.text));
  } catch (thrown) {
    return failed(thrown);
  }
  return isPromise(stored) ? stored.then(read, failed) : read(stored);
}

function endLookup(lookup: RunningOperation, entry: Entry | undefined, { config }: Parts, { lifetime }: Request): void {
  if (entry === undefined) return lookup.end(MISS);
  const time = config.now();
  const age = ageOf(entry, time);
  const left = Math.max(0, Math.min(entry.ttl, lifetime.ttl) - age);
  lookup.end(FOUND[freshness(entry, lifetime, time)], {
    [CACHE_ITEM_AGE]: Math.floor(age),
    [CACHE_TTL]: Math.floor(left),
  });
}

const FOUND = {
  fresh: HIT,
  stale: { lookups: 1, hits: 1, isStale: true },
  "in need": MISS,
  useless: MISS,
} as const satisfies Record<ReturnType<typeof freshness>, Found>;

/** Waits for the load of somebody else. */
async function join(
  { config }: Parts,
  { key, endpoint }: Request,
  flight: Flight,
  lookup: "looked up" | "not looked up",
): Promise<unknown> {
  const asking = recordedSpan();
  if (asking === undefined) return await flight.value;
  const links = flight.span === undefined ? [] : [linkTo(flight.span)];
  let attributes = ownAttributes(config, key);
  if (lookup === "not looked up") {
    const call = { operation: "get", key, endpoint } as const;
    attributes = { ...cacheAttributes(config.profile, call), ...foundAttributes(MISS) };
    noteLookup(MISS, asking, activeContext());
  }
  return await withSpan(`cache wait ${config.profile.name}`, { attributes, links }, () => flight.value);
}

/** Loads for those who wait. If that fails, an old value may do. */
async function loadInNeed(parts: Parts, request: Request, flight: Flight, old: Entry | undefined): Promise<unknown> {
  const { config } = parts;
  const asking = recordedSpan();
  try {
    return await loadAndStore(parts, request, flight, (load) => {
      if (asking === undefined) return load();
      const attributes = ownAttributes(config, request.key);
      return withSpan(`cache load ${config.profile.name}`, { attributes }, (span) => {
        flight.span = span;
        return load();
      });
    });
  } catch (thrown) {
    if (old === undefined || freshness(old, request.lifetime, config.now()) === "useless") throw thrown;
    asking?.setAttribute(CACHE_STALE, true);
    return old.value;
  }
}

/** Loads in the background. The request that was served meanwhile may be over by then: its trace does not wait for this. */
function refresh(parts: Parts, request: Request): void {
  const { config, flights } = parts;
  const asking = recordedSpan();
  const { value } = flights.start(request.key.text, "refresh", (flight) => {
    const run = (): Promise<unknown> => loadAndStore(parts, request, flight, (load) => load());
    if (asking === undefined) return run();
    const options = { attributes: ownAttributes(config, request.key), links: [linkTo(asking)] };
    return inNewTrace(() => {
      return withSpan(`cache revalidate ${config.profile.name}`, options, (span) => {
        flight.span = span;
        return run();
      });
    });
  });
  keepAwake(config, landed({ value }));
}

/** `waitUntil` belongs to the runtime; that a request has no such thing any more is nothing that may fail it. */
function keepAwake({ waitUntil }: CacheConfig, work: Promise<void>): void {
  try {
    waitUntil(work);
  } catch {
    // The load goes on for as long as the runtime lets it.
  }
}

/** Loads and stores. `record` runs the load; a failure of the store is not one of the load. */
async function loadAndStore(
  { store, config }: Parts,
  { key, load, lifetime }: Request,
  flight: Flight,
  record: (load: () => unknown) => unknown,
): Promise<unknown> {
  const value = await record(load);
  if (lifetime.ttl === 0 || isGrounded(flight)) return value;
  const { profile, now } = config;
  const write = (): unknown => store.set(key.text, makeEntry(value, lifetime.ttl, now()), keepMs(lifetime));
  const call = { operation: "set", key, ttl: Math.floor(lifetime.ttl) } as const;
  try {
    await withCacheSpan(profile, call, write, foundNothing);
    // Removed while it was being written: the store may have seen the removal first.
    if (isGrounded(flight)) await store.delete(key.text);
  } catch {
    report(config, "written");
  }
  return value;
}

/** Asked anew each time: it changes while others run. */
function isGrounded(flight: Flight): boolean {
  return flight.isGrounded;
}

/** Settles when the flight has, however it went. */
async function landed({ value }: Pick<Flight, "value">): Promise<void> {
  try {
    await value;
  } catch {
    // Told to those who asked for the value.
  }
}

function ownAttributes({ profile }: CacheConfig, key: CacheKey): Attributes {
  return { [CACHE_NAME]: profile.name, [CACHE_KEY_HASH]: key.hash };
}

function linkTo(span: Span): Link {
  return { context: span.spanContext() };
}

function report({ profile }: CacheConfig, what: "read" | "written"): undefined {
  profile.report({
    level: "warn",
    code: "cache.store_failed",
    message: `The store of cache "${profile.name}" could not be ${what}; values are loaded instead. Its spans say why.`,
  });
}
