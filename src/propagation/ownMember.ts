/**
 * Our own member of a `tracestate`: taken out of the list when a call comes in, put in front when one goes out.
 *
 * In between, a span context carries only what belongs to others. So the member is never sent by accident with the
 * values of another call, and exporters do not see it.
 */
import { formatLineage, OWN_KEY, parseLineage, type Lineage } from "./lineage.js";
import { MAX_TRACESTATE_LENGTH, MAX_TRACESTATE_MEMBERS, parseTracestate, shortenTracestate } from "./tracestate.js";

/** A `tracestate`, taken apart. */
export interface SplitTracestate {
  readonly lineage: Lineage | undefined;
  /** The members of others as header text, possibly empty. */
  readonly others: string;
}

function isForeign(member: string): boolean {
  return !member.startsWith(OWN_KEY);
}

/** Takes our member out of a `tracestate`; undefined if the list is illegal. */
export function splitTracestate(text: unknown): SplitTracestate | undefined {
  if (typeof text === "string" && !text.includes(",") && !isForeign(text)) {
    // The usual case: nobody else has a member.
    const lineage = parseLineage(text);
    if (lineage !== undefined) return { lineage, others: "" };
  }
  const list = parseTracestate(text);
  if (list === undefined) return undefined;
  if (!list.includes(OWN_KEY)) return { lineage: undefined, others: shortenTracestate(list) };
  const members = list.split(",");
  const own = members.find((member) => !isForeign(member));
  return {
    lineage: own === undefined ? undefined : parseLineage(own),
    others: shortenTracestate(members.filter(isForeign).join()),
  };
}

/**
 * Puts our member in front of those of others. Where that is too long, others give way: a trace that lost count of
 * itself would not stay bounded.
 *
 * @param others - what other libraries left in the span context. If it is illegal it is dropped, since the receiver
 * would discard our member with it.
 */
export function joinTracestate(lineage: Lineage | undefined, others: string | undefined): string {
  const own = lineage === undefined ? "" : formatLineage(lineage);
  const list = parseTracestate(others) ?? "";
  if (own === "" || list === "") return own || shortenTracestate(list);
  const foreign = list
    .split(",")
    .filter(isForeign)
    .slice(0, MAX_TRACESTATE_MEMBERS - 1)
    .join();
  const kept = shortenTracestate(foreign, MAX_TRACESTATE_LENGTH - own.length - 1);
  return kept === "" ? own : `${own},${kept}`;
}
