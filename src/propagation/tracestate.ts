/**
 * The `tracestate` header of W3C Trace Context: what each tracing system along the way has to say, newest first.
 *
 * Strict as the W3C test suite is at its strict level: one illegal member discards the whole list, because a list
 * that cannot be trusted in one place cannot be passed on unchanged in the others. Keys follow Level 2
 * (https://www.w3.org/TR/trace-context-2/#tracestate-header), which is wider than what OpenTelemetry JS accepts.
 */
import { dropWhitespace, skipWhitespace } from "./scan.js";

/** One entry of a `tracestate`. */
export interface TracestateMember {
  /** 1 to 256 of `a-z 0-9 _ - * / @`, starting with a letter or digit. */
  readonly key: string;
  /** 1 to 256 printable ASCII characters without `,` and `=`, not ending in a space. */
  readonly value: string;
}

/** List members at most. Source: Trace Context, tracestate header, list. */
export const MAX_TRACESTATE_MEMBERS = 32;

/** Characters that every participant should propagate. Source: Trace Context, tracestate limits. */
export const MAX_TRACESTATE_LENGTH = 512;

/** Members longer than this go first when the list is too long. Source: Trace Context, tracestate limits. */
const LARGE_MEMBER = 128;

/** Characters of a key, and of a value. Source: Trace Context, tracestate list members. */
const MAX_PART_LENGTH = 256;

const COMMA = 0x2c;
const EQUALS = 0x3d;

function isKeyStart(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39);
}

function isKeyCharacter(code: number): boolean {
  // In this order: _ - * / @
  return isKeyStart(code) || code === 0x5f || code === 0x2d || code === 0x2a || code === 0x2f || code === 0x40;
}

/** The end of the key that starts at `from`; `from` itself if there is none. */
function keyEnd(text: string, from: number, to: number): number {
  if (from >= to || !isKeyStart(text.charCodeAt(from))) return from;
  let at = from + 1;
  while (at < to && isKeyCharacter(text.charCodeAt(at))) at++;
  return at;
}

function isPartLength(length: number): boolean {
  return length >= 1 && length <= MAX_PART_LENGTH;
}

function isValue(text: string, from: number, to: number): boolean {
  if (!isPartLength(to - from) || text.charCodeAt(to - 1) === 0x20) return false;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code > 0x7e || code === COMMA || code === EQUALS) return false;
  }
  return true;
}

function isMember({ key, value }: TracestateMember): boolean {
  if (typeof key !== "string" || typeof value !== "string") return false;
  return isPartLength(key.length) && keyEnd(key, 0, key.length) === key.length && isValue(value, 0, value.length);
}

function parseMember(text: string, from: number, to: number): TracestateMember | undefined {
  const equals = keyEnd(text, from, to);
  if (!isPartLength(equals - from) || text.charCodeAt(equals) !== EQUALS) return undefined;
  return isValue(text, equals + 1, to)
    ? { key: text.slice(from, equals), value: text.slice(equals + 1, to) }
    : undefined;
}

/**
 * Reads a `tracestate`. Several headers are joined with commas first. Empty members are skipped; of members with the
 * same key the left-most, which is the newest, is kept.
 *
 * @param text - the header value; anything else than a string counts as malformed
 * @returns the members in their order, or undefined if any of them is illegal or there are more than 32: drop the
 * whole list then, but keep the `traceparent`. Never throws.
 */
export function parseTracestate(text: unknown): TracestateMember[] | undefined {
  if (typeof text !== "string") return undefined;
  const members: TracestateMember[] = [];
  let count = 0;
  for (let at = 0, end = 0; at < text.length; at = end + 1) {
    end = text.indexOf(",", at);
    if (end < 0) end = text.length;
    const from = skipWhitespace(text, at, end);
    const to = dropWhitespace(text, from, end);
    if (from === to) continue;
    const member = parseMember(text, from, to);
    if (member === undefined || ++count > MAX_TRACESTATE_MEMBERS) return undefined;
    if (getMember(members, member.key) === undefined) members.push(member);
  }
  return members;
}

/**
 * Characters of a member: key, equals sign, value.
 *
 * @internal
 */
export function memberLength(member: TracestateMember): number {
  return member.key.length + 1 + member.value.length;
}

/** Characters of all members with the commas between them. */
function listLength(members: readonly TracestateMember[]): number {
  let length = members.length === 0 ? 0 : members.length - 1;
  for (const member of members) length += memberLength(member);
  return length;
}

/** Drops whole members until the list fits: first those over 128 characters, then any, each time from the right. */
function shrink(members: readonly TracestateMember[], maxLength: number): readonly TracestateMember[] {
  const kept = [...members];
  for (const threshold of [LARGE_MEMBER, 0]) {
    for (let at = kept.length - 1; at >= 0 && listLength(kept) > maxLength; at--) {
      const member = kept[at];
      if (member !== undefined && memberLength(member) > threshold) kept.splice(at, 1);
    }
  }
  return kept;
}

/**
 * Writes legal members with distinct keys, as {@link parseTracestate} returns them, in at most `maxLength` characters.
 *
 * @param source - the text they were read from: handed back if it already is what would be written
 * @internal
 */
export function writeMembers(members: readonly TracestateMember[], source: string, maxLength: number): string {
  const length = listLength(members);
  if (length === source.length && length <= maxLength) return source;
  let text = "";
  for (const { key, value } of length <= maxLength ? members : shrink(members, maxLength)) {
    text += text === "" ? `${key}=${value}` : `,${key}=${value}`;
  }
  return text;
}

/**
 * Writes a `tracestate` that {@link parseTracestate} accepts: at most 32 members and 512 characters. What is too much
 * is dropped as the specification says: members over 128 characters first, then from the right, always whole members.
 * Illegal members and repeated keys are left out.
 *
 * @returns the header value; empty if there is nothing to send, and then the header should not be sent
 */
export function formatTracestate(members: readonly TracestateMember[]): string {
  const legal: TracestateMember[] = [];
  for (const member of members) {
    if (legal.length === MAX_TRACESTATE_MEMBERS) break;
    if (isMember(member) && getMember(legal, member.key) === undefined) legal.push(member);
  }
  return writeMembers(legal, "", MAX_TRACESTATE_LENGTH);
}

/** The value of the member named `key`, or undefined. */
export function getMember(members: readonly TracestateMember[], key: string): string | undefined {
  for (const member of members) {
    if (member.key === key) return member.value;
  }
  return undefined;
}

/**
 * Adds or changes a member and moves it to the left, as the specification asks of whoever changes one. The list given
 * is not changed.
 *
 * @returns the new list; an equal one if `key` or `value` is illegal. Never throws.
 */
export function setMember(members: readonly TracestateMember[], key: string, value: string): TracestateMember[] {
  const member = { key, value };
  return isMember(member) ? [member, ...removeMember(members, key)] : [...members];
}

/**
 * Removes a member. Only remove members of your own: others need theirs to find their parent again.
 *
 * @returns a new list
 */
export function removeMember(members: readonly TracestateMember[], key: string): TracestateMember[] {
  return members.filter((member) => member.key !== key);
}
