/**
 * How a call came to be, as our own `tracestate` member tells it: how long the chain already is, when its root
 * started, and what the caller knew about this call.
 *
 * One trace must stay bounded although functions schedule functions without end, and a callee has no other way to
 * learn how far from the root it is. The text is short, since it is stored with every job, and readable, since it is
 * looked at when something is wrong: `h:2;r:1760000000000;e:s;t:12534;d:5000;f:dir/mod:fn`.
 */
import { consistsOf, nextSeparator } from "./scan.js";

/** The key of our member in a `tracestate`. */
export const LINEAGE_KEY = "cvx";

/** What led to a call: a client or action called it, a mutation ran it inside itself, or it was scheduled. */
export type LineageEdge = "call" | "nested" | "scheduled";

/** Where a call stands in its trace. Times are milliseconds since the Unix epoch, not negative. */
export interface Lineage {
  /** Calls between the root and this one, 0 to 1,000,000. */
  readonly hops: number;
  /** When the root of the trace started, whole. */
  readonly rootStartTime: number;
  readonly edge?: LineageEdge | undefined;
  /** The caller's clock when it made the call, to 0.1 ms. */
  readonly callerTime?: number | undefined;
  /** When a scheduled call was to run, whole. */
  readonly dueTime?: number | undefined;
  /** The path of the called function, such as `dir/mod:fn`: tells whether a member was meant for this call. */
  readonly callee?: string | undefined;
}

/** Characters of a `tracestate` value. Source: Trace Context, tracestate value. */
const MAX_LENGTH = 256;

/** Far above any limit a user would set on hops; keeps the number short. */
const MAX_HOPS = 1_000_000;

/** Year 30,489: the last round number whose tenths are safe integers, so that all sums here are exact. */
const MAX_TIME = 9e14;

/** Caller times are kept in tenths of a millisecond. */
const TENTHS = 10;

const MINUS = 0x2d;
const COLON = 0x3a;
const SEMICOLON = 0x3b;

/** Punctuation that may stand in a callee: all of ASCII but what separates members (`,` `=`) and fields (`;`). */
const CALLEE_PUNCTUATION = "!\"#$%&'()*+-./:<>?@[\\]^_`{|}~";

function isCallee(text: string): boolean {
  return text !== "" && consistsOf(text, CALLEE_PUNCTUATION);
}

function isTime(time: number | undefined): time is number {
  return time !== undefined && time >= 0 && time <= MAX_TIME;
}

function clampHops(hops: number): number {
  // Written so that NaN becomes 0.
  return hops >= 1 ? Math.floor(Math.min(hops, MAX_HOPS)) : 0;
}

function edgeField(edge: LineageEdge): string {
  if (edge === "call") return ";e:c";
  return edge === "nested" ? ";e:n" : ";e:s";
}

/**
 * Writes the value of our `tracestate` member, at most 256 characters. Hops are clamped and times rounded. A time that
 * is not finite or negative is left out, or is 0 for the root, which makes the trace look too old to be continued. The
 * callee is left out if it does not fit or could not stand in a `tracestate`.
 */
export function formatLineage(lineage: Lineage): string {
  const { rootStartTime, edge, callerTime, dueTime, callee } = lineage;
  const root = isTime(rootStartTime) ? Math.round(rootStartTime) : 0;
  let text = `h:${clampHops(lineage.hops)};r:${root}`;
  if (edge !== undefined) text += edgeField(edge);
  // Relative to the root these are small numbers: shorter, and much faster to print than a time of day.
  if (isTime(callerTime)) text += `;t:${Math.round((callerTime - root) * TENTHS)}`;
  if (isTime(dueTime)) text += `;d:${Math.round(dueTime) - root}`;
  if (callee === undefined || !isCallee(callee) || text.length + 3 + callee.length > MAX_LENGTH) return text;
  return `${text};f:${callee}`;
}

/** The fields as they are written. A field that is malformed is NaN, or false for the callee. */
interface Fields {
  h?: number;
  r?: number;
  e?: LineageEdge;
  t?: number;
  d?: number;
  f?: string | false;
}

/** An integer in decimal digits; NaN for all else that `Number` would read, such as exponents and spaces. */
function parseInteger(text: string): number {
  const digitsAt = text.charCodeAt(0) === MINUS ? 1 : 0;
  for (let at = digitsAt; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return Number.NaN;
  }
  // Adding 0 turns -0, which is equal to 0 for most but not for all, into 0.
  return text.length === digitsAt ? Number.NaN : Number(text) + 0;
}

/** `undefined` for a letter of a later version: the call is still traced, only not described. */
function parseEdge(code: string): LineageEdge | undefined {
  if (code === "c") return "call";
  if (code === "n") return "nested";
  return code === "s" ? "scheduled" : undefined;
}

function readField(fields: Fields, name: string, value: string): void {
  if (name === "h" || name === "r" || name === "t" || name === "d") {
    fields[name] = parseInteger(value);
  } else if (name === "f") {
    fields.f = isCallee(value) && value;
  } else if (name === "e") {
    const edge = parseEdge(value);
    if (edge !== undefined) fields.e = edge;
  }
}

function readFields(text: string): Fields {
  const fields: Fields = {};
  for (let at = 0, end = 0; at < text.length; at = end + 1) {
    end = nextSeparator(text, SEMICOLON, at, text.length);
    // Our names are one letter; what looks different belongs to a later version.
    if (text.charCodeAt(at + 1) === COLON) readField(fields, text.charAt(at), text.slice(at + 2, end));
  }
  return fields;
}

/**
 * Reads the value of our `tracestate` member. Fields that later versions may add are skipped.
 *
 * @param text - the member's value; anything else than a string counts as malformed
 * @returns undefined if one of the fields is malformed, or hops or the root's start are missing. Never throws.
 */
export function parseLineage(text: unknown): Lineage | undefined {
  if (typeof text !== "string" || text.length > MAX_LENGTH) return undefined;
  const { h, r, e, t, d, f } = readFields(text);
  if (h === undefined || !(h >= 0) || !isTime(r) || f === false) return undefined;
  const lineage: { -readonly [Name in keyof Lineage]: Lineage[Name] } = { hops: clampHops(h), rootStartTime: r };
  if (e !== undefined) lineage.edge = e;
  if (t !== undefined) {
    // Added as whole numbers, so that the result is the very number that was written.
    lineage.callerTime = (r * TENTHS + t) / TENTHS;
    if (!isTime(lineage.callerTime)) return undefined;
  }
  if (d !== undefined) {
    lineage.dueTime = r + d;
    if (!isTime(lineage.dueTime)) return undefined;
  }
  if (f !== undefined) lineage.callee = f;
  return lineage;
}
