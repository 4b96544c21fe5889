/**
 * The `baggage` header of W3C Baggage: values that travel with a request, for everyone downstream to read.
 *
 * Follows https://www.w3.org/TR/baggage/ where OpenTelemetry JS does not: keys are tokens and are not percent-decoded,
 * empty values and bytes that are not UTF-8 are kept (the latter as U+FFFD), and what does not fit is dropped as a
 * whole.
 */
import { decodePercent, encodePercent, isEncoded } from "./percentEncoding.js";
import { consistsOf, dropWhitespace, nextSeparator, skipWhitespace } from "./scan.js";

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

/** Punctuation in a `token` of RFC 7230 §3.2.6. */
const TOKEN_PUNCTUATION = "!#$%&'*+-.^_`|~";

const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;

interface Pair {
  readonly key: string;
  readonly value?: string;
}

function isToken(text: string): boolean {
  return text !== "" && consistsOf(text, TOKEN_PUNCTUATION);
}

/** Reads `key`, or `key=value`, in `[from, to)`; undefined if either is illegal. */
function parsePair(text: string, from: number, to: number): Pair | undefined {
  const equals = nextSeparator(text, EQUALS, from, to);
  const keyFrom = skipWhitespace(text, from, equals);
  const key = text.slice(keyFrom, dropWhitespace(text, keyFrom, equals));
  if (!isToken(key)) return undefined;
  if (equals === to) return { key };
  const valueFrom = skipWhitespace(text, equals + 1, to);
  const value = text.slice(valueFrom, dropWhitespace(text, valueFrom, to));
  return isEncoded(value) ? { key, value: decodePercent(value) } : undefined;
}

/** Reads what follows the first semicolon of a member; undefined if any property is illegal. */
function parseProperties(text: string, from: number, to: number): BaggageProperty[] | undefined {
  const properties: BaggageProperty[] = [];
  for (let at = from, end = from; at < to; at = end + 1) {
    end = nextSeparator(text, SEMICOLON, at, to);
    // A stray semicolon says nothing, so it is no reason to lose the entry.
    if (skipWhitespace(text, at, end) === end) continue;
    const property = parsePair(text, at, end);
    if (property === undefined) return undefined;
    properties.push(property);
  }
  return properties;
}

function parseEntry(text: string, from: number, to: number): BaggageEntry | undefined {
  const semicolon = nextSeparator(text, SEMICOLON, from, to);
  const pair = parsePair(text, from, semicolon);
  if (pair?.value === undefined) return undefined;
  const entry = { key: pair.key, value: pair.value };
  if (semicolon === to) return entry;
  const properties = parseProperties(text, semicolon + 1, to);
  if (properties === undefined) return undefined;
  return properties.length === 0 ? entry : { ...entry, properties };
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
  let bytes = -1;
  for (let at = 0, end = 0; at < text.length && entries.length < MAX_MEMBERS; at = end + 1) {
    end = nextSeparator(text, COMMA, at, text.length);
    const from = skipWhitespace(text, at, end);
    const to = dropWhitespace(text, from, end);
    if (from === to || bytes + 1 + to - from > MAX_BYTES) continue;
    const entry = parseEntry(text, from, to);
    if (entry === undefined) continue;
    entries.push(entry);
    bytes += 1 + to - from;
  }
  return entries;
}

/** `key`, or `key=value`; undefined if the key is no token or the value no text. */
function formatPair(key: unknown, value: unknown): string | undefined {
  if (typeof key !== "string" || !isToken(key)) return undefined;
  if (value === undefined) return key;
  return typeof value === "string" ? `${key}=${encodePercent(value)}` : undefined;
}

function formatEntry(entry: BaggageEntry): string | undefined {
  if (entry.value === undefined) return undefined;
  let text = formatPair(entry.key, entry.value);
  for (const property of entry.properties ?? []) {
    const pair = formatPair(property.key, property.value);
    // Half an entry must not be sent: its receiver could not tell that something is missing.
    if (text === undefined || pair === undefined) return undefined;
    text += `;${pair}`;
  }
  return text;
}

/**
 * Writes a `baggage` of at most 64 entries and 8192 bytes. Entries that do not fit, or whose keys are no HTTP tokens,
 * are left out as a whole; put the important ones first.
 *
 * @returns the header value; empty if there is nothing to send, and then the header should not be sent
 */
export function formatBaggage(entries: readonly BaggageEntry[]): string {
  let text = "";
  let count = 0;
  for (const entry of entries) {
    if (count === MAX_MEMBERS) break;
    const member = formatEntry(entry);
    if (member === undefined) continue;
    const separator = count === 0 ? "" : ",";
    if (text.length + separator.length + member.length > MAX_BYTES) continue;
    text += separator + member;
    count++;
  }
  return text;
}

/** The entry named `key`, or undefined. Of several the last, since it was added last. */
export function getBaggageEntry(entries: readonly BaggageEntry[], key: string): BaggageEntry | undefined {
  for (let at = entries.length - 1; at >= 0; at--) {
    const entry = entries[at];
    if (entry?.key === key) return entry;
  }
  return undefined;
}

/**
 * Adds an entry, or replaces the one with the same key together with its properties. The list given is not changed.
 *
 * @returns a new list, in which the entry is first: that is where it is safe from the limits of {@link formatBaggage}
 */
export function setBaggageEntry(entries: readonly BaggageEntry[], entry: BaggageEntry): BaggageEntry[] {
  return [entry, ...entries.filter((other) => other.key !== entry.key)];
}
