/**
 * The `baggage` header of W3C Baggage: values that travel with a request, for everyone downstream to read.
 *
 * Follows https://www.w3.org/TR/baggage/ where OpenTelemetry JS does not: keys are tokens and are not percent-decoded,
 * empty values and bytes that are not UTF-8 are kept (the latter as U+FFFD), and what does not fit is dropped as a
 * whole.
 */
import { decodePercent, encodePercent } from "./percentEncoding.js";

/** Metadata of a baggage entry, with or without a value. */
export interface BaggageProperty {
  /** An HTTP token. */
  readonly key: string;
  /** Any text. Absent for a property that is only a name. */
  readonly value?: string;
}

/** One entry of a baggage. */
export interface BaggageEntry {
  /** An HTTP token, case-sensitive. */
  readonly key: string;
  /** Any text, possibly empty. */
  readonly value: string;
  /** Absent if there are none. */
  readonly properties?: readonly BaggageProperty[];
}

/** Members that everyone must propagate. Source: W3C Baggage, limits. */
const MAX_MEMBERS = 64;

/** Bytes of the header that everyone must propagate; all of them are ASCII. Source: W3C Baggage, limits. */
const MAX_BYTES = 8192;

/**
 * `key`, or `key=value`, with optional whitespace around both: an HTTP token (RFC 7230 §3.2.6), and `baggage-octet`s,
 * whether or not the escapes in them are complete.
 */
const PAIR = /^[ \t]*([\w!#$%&'*+\-.^`|~]+)[ \t]*(?:=[ \t]*([!#-+\--:<-[\]-~]*)[ \t]*)?$/;

/** A stray semicolon says nothing, so it is no reason to lose the entry. */
const BLANK = /^[ \t]*$/;

type Pair = BaggageProperty;

function parsePair(text: string): Pair | undefined {
  const [, key, value] = PAIR.exec(text) ?? [];
  if (key === undefined) return undefined;
  return value === undefined ? { key } : { key, value: decodePercent(value) };
}

function parseEntry(text: string): BaggageEntry | undefined {
  const [first = "", ...rest] = text.split(";");
  const { key, value } = parsePair(first) ?? {};
  if (key === undefined || value === undefined) return undefined;
  const properties: BaggageProperty[] = [];
  for (const part of rest) {
    if (BLANK.test(part)) continue;
    const property = parsePair(part);
    if (property === undefined) return undefined;
    properties.push(property);
  }
  return properties.length === 0 ? { key, value } : { key, value, properties };
}

/**
 * Reads a `baggage`. Several headers are joined with commas first. Entries that break the grammar are dropped as a
 * whole, and so is what goes beyond 64 entries or 8192 bytes. Repeated keys are kept in their order.
 *
 * @param text - the header value; anything else than a string is an empty baggage. Never throws.
 */
export function parseBaggage(text: unknown): BaggageEntry[] {
  const entries: BaggageEntry[] = [];
  if (typeof text !== "string") return entries;
  let room = MAX_BYTES + 1;
  for (const member of text.split(",")) {
    if (entries.length === MAX_MEMBERS) break;
    const length = member.trim().length + 1;
    const entry = length > room ? undefined : parseEntry(member);
    if (entry === undefined) continue;
    entries.push(entry);
    room -= length;
  }
  return entries;
}

/** `key`, or `key=value`; undefined if the key is no token or the value no text. */
function formatPair({ key, value }: Pair): string | undefined {
  if (value !== undefined && typeof value !== "string") return undefined;
  const text = value === undefined ? key : `${key}=${encodePercent(value)}`;
  return PAIR.exec(text)?.[1] === key ? text : undefined;
}

/**
 * Writes a `baggage` of at most 64 entries and 8192 bytes. Entries that do not fit, or whose keys are no HTTP tokens,
 * are left out as a whole; put the important ones first.
 *
 * @returns the header value; empty if there is nothing to send, and then the header should not be sent
 */
export function formatBaggage(entries: readonly BaggageEntry[]): string {
  const members: string[] = [];
  let room = MAX_BYTES + 1;
  for (const entry of entries) {
    if (members.length === MAX_MEMBERS) break;
    const pairs = [entry, ...(entry.properties ?? [])].map(formatPair);
    const length = pairs.join().length + 1;
    // Half an entry must not be sent: its receiver could not tell that something is missing.
    if (entry.value === undefined || pairs.includes(undefined) || length > room) continue;
    members.push(pairs.join(";"));
    room -= length;
  }
  return members.join();
}

/** The entry named `key`, or undefined. Of several the last, since it was added last. */
export function getBaggageEntry(entries: readonly BaggageEntry[], key: string): BaggageEntry | undefined {
  return entries.findLast((entry) => entry.key === key);
}
