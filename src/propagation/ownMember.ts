/**
 * Our own member of a `tracestate`: taken out of the list when a call comes in, put in front when one goes out.
 *
 * In between, a span context carries only what belongs to others. So the member is never sent by accident with the
 * values of another call, and exporters do not see it.
 */
import { formatLineage, LINEAGE_KEY, parseLineage, type Lineage } from "./lineage.js";
import {
  getMember,
  MAX_TRACESTATE_LENGTH,
  MAX_TRACESTATE_MEMBERS,
  memberLength,
  parseTracestate,
  removeMember,
  writeMembers,
} from "./tracestate.js";

/** A `tracestate`, taken apart. */
export interface SplitTracestate {
  readonly lineage: Lineage | undefined;
  /** The members of others as header text, possibly empty. */
  readonly others: string;
}

/** Takes our member out of a `tracestate`; undefined if the list is illegal. */
export function splitTracestate(text: unknown): SplitTracestate | undefined {
  const members = parseTracestate(text);
  if (members === undefined || typeof text !== "string") return undefined;
  const own = getMember(members, LINEAGE_KEY);
  if (own === undefined) return { lineage: undefined, others: writeMembers(members, text, MAX_TRACESTATE_LENGTH) };
  const [first] = members;
  // The usual case: it is in front, and the rest can be cut off the text as it is.
  const source = first?.key === LINEAGE_KEY ? text.slice(memberLength(first) + 1) : "";
  const others = writeMembers(removeMember(members, LINEAGE_KEY), source, MAX_TRACESTATE_LENGTH);
  return { lineage: parseLineage(own), others };
}

/**
 * Puts our member in front of those of others. Where that is too long, others give way: a trace that lost count of
 * itself would not stay bounded.
 *
 * @param others - what other libraries left in the span context. If it is illegal it is dropped, since the receiver
 * would discard our member with it.
 */
export function joinTracestate(lineage: Lineage | undefined, others: string | undefined): string {
  if (lineage !== undefined && others === undefined) return `${LINEAGE_KEY}=${formatLineage(lineage)}`;
  const members = parseTracestate(others) ?? [];
  if (lineage === undefined) return writeMembers(members, others ?? "", MAX_TRACESTATE_LENGTH);
  const own = `${LINEAGE_KEY}=${formatLineage(lineage)}`;
  const foreign = getMember(members, LINEAGE_KEY) === undefined ? members : removeMember(members, LINEAGE_KEY);
  if (foreign.length === 0) return own;
  const kept = foreign.length < MAX_TRACESTATE_MEMBERS ? foreign : foreign.slice(0, MAX_TRACESTATE_MEMBERS - 1);
  const text = writeMembers(kept, others ?? "", MAX_TRACESTATE_LENGTH - own.length - 1);
  return text === "" ? own : `${own},${text}`;
}
