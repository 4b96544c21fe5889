/**
 * How a call came to be, as our own `tracestate` member tells it: how long the chain already is, when its root
 * started, and what the caller knew about this call.
 *
 * One trace must stay bounded although functions schedule functions without end, and a callee has no other way to
 * learn how far from the root it is. The text is short, since it is stored with every job, and can be read by people
 * when something is wrong. Its fields have fixed places, empty where there is nothing to say:
 *
 *     cvx=<hops>;<root's start>;<edge: c, n or s>;<caller's time>;<due time>;<callee>
 *     cvx=2;1760000000000;s;12534;5000;dir/mod:fn
 *
 * The last two times count from the root's start, the caller's in tenths of a millisecond.
 */

/** The start of our member in a `tracestate`: its key, and the equals sign. */
export const OWN_KEY = "cvx=";

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

/** Characters of the member: its key, and a `tracestate` value of 256. Source: Trace Context, tracestate value. */
const MAX_LENGTH = OWN_KEY.length + 256;

/** Far above any limit a user would set on hops; keeps the number short. */
const MAX_HOPS = 1_000_000;

/** Year 30,489: the last round number whose tenths are safe integers, so that all sums here are exact. */
const MAX_TIME = 9e14;

/** Caller times are kept in tenths of a millisecond. */
const TENTHS = 10;

/** Printable ASCII but what separates members (`,` `=`) and fields (`;`), and spaces. */
const CALLEE = /^[!-+\--:<>-~]+$/;

const MINUS = 0x2d;
const ZERO = 0x30;
const SEMICOLON = 0x3b;

function isTime(time: number | undefined): time is number {
  return time !== undefined && time >= 0 && time <= MAX_TIME;
}

function clampHops(hops: number): number {
  // Written so that NaN becomes 0.
  return hops >= 1 ? Math.floor(Math.min(hops, MAX_HOPS)) : 0;
}

/**
 * Writes our `tracestate` member, with a value of at most 256 characters. Hops are clamped and times rounded. A time that
 * is not finite or negative is left out, or is 0 for the root, which makes the trace look too old to be continued. The
 * callee is left out if it does not fit or could not stand in a `tracestate`.
 */
export function formatLineage({ hops, rootStartTime, edge, callerTime, dueTime, callee }: Lineage): string {
  const root = isTime(rootStartTime) ? Math.round(rootStartTime) : 0;
  const caller = isTime(callerTime) ? Math.round((callerTime - root) * TENTHS) : "";
  const due = isTime(dueTime) ? Math.round(dueTime) - root : "";
  // Two short texts joined take less time than one that grows piece by piece.
  const chain = `${OWN_KEY}${clampHops(hops)};${root}`;
  const call = `;${edge?.charAt(0) ?? ""};${caller};${due};`;
  const room = MAX_LENGTH - chain.length - call.length;
  return chain + call + (callee !== undefined && callee.length <= room && CALLEE.test(callee) ? callee : "");
}

/** A place in a text. */
interface Cursor {
  readonly text: string;
  at: number;
}

/**
 * Reads a field of decimal digits, and moves behind its semicolon.
 *
 * @returns undefined for an empty field, NaN for a malformed one: then the cursor is anywhere
 */
function readNumber(cursor: Cursor): number | undefined {
  const { text, at: from } = cursor;
  const isNegative = text.charCodeAt(from) === MINUS;
  const digitsAt = isNegative ? from + 1 : from;
  let at = digitsAt;
  let value = 0;
  for (let code = text.charCodeAt(at); code !== SEMICOLON; code = text.charCodeAt(++at)) {
    if (!(code >= ZERO && code < ZERO + 10)) return Number.NaN;
    value = value * 10 + code - ZERO;
  }
  cursor.at = at + 1;
  if (at === digitsAt) return isNegative ? Number.NaN : undefined;
  return isNegative ? 0 - value : value;
}

/** `undefined` for a letter of a later version: the call is still traced, only not described. */
function edgeOf(letter: string): LineageEdge | undefined {
  if (letter === "c") return "call";
  if (letter === "n") return "nested";
  return letter === "s" ? "scheduled" : undefined;
}

/**
 * Reads our `tracestate` member. Fields that later versions may append are skipped.
 *
 * @param member - text that starts with our key
 * @returns undefined if one of the fields is malformed, or hops or the root's start are missing. Never throws.
 */
export function parseLineage(member: string): Lineage | undefined {
  if (member.length > MAX_LENGTH) return undefined;
  const cursor = { text: member, at: OWN_KEY.length };
  const hops = readNumber(cursor);
  const root = readNumber(cursor);
  if (hops === undefined || !(hops >= 0) || !isTime(root)) return undefined;
  const lineage: { -readonly [Name in keyof Lineage]: Lineage[Name] } = {
    hops: Math.min(hops, MAX_HOPS),
    rootStartTime: root,
  };
  const edge = edgeOf(member.charAt(cursor.at));
  if (edge !== undefined) lineage.edge = edge;
  cursor.at = member.indexOf(";", cursor.at) + 1;
  const caller = readNumber(cursor);
  if (caller !== undefined) {
    // Added as whole numbers, so that the result is the very number that was written.
    lineage.callerTime = (root * TENTHS + caller) / TENTHS;
    if (!isTime(lineage.callerTime)) return undefined;
  }
  const due = readNumber(cursor);
  if (due !== undefined) {
    lineage.dueTime = root + due;
    if (!isTime(lineage.dueTime)) return undefined;
  }
  const end = member.indexOf(";", cursor.at);
  const callee = member.slice(cursor.at, end < 0 ? member.length : end);
  if (callee === "") return lineage;
  lineage.callee = callee;
  return CALLEE.test(callee) ? lineage : undefined;
}
