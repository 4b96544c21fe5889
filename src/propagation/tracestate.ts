/**
 * The `tracestate` header of W3C Trace Context: what each tracing system along the way has to say, newest first.
 *
 * Strict as the W3C test suite is at its strict level: one illegal member discards the whole list, because a list
 * that cannot be trusted in one place cannot be passed on unchanged in the others. Keys follow Level 2
 * (https://www.w3.org/TR/trace-context-2/#tracestate-header), which is wider than what OpenTelemetry JS accepts.
 *
 * Members are never taken apart, since what others say is only passed on: a list is text, before and after.
 */

/** List members at most. Source: Trace Context, tracestate header, list. */
export const MAX_TRACESTATE_MEMBERS = 32;

/** Characters that every participant should propagate. Source: Trace Context, tracestate limits. */
export const MAX_TRACESTATE_LENGTH = 512;

/** Members longer than this go first when the list is too long. Source: Trace Context, tracestate limits. */
const LARGE_MEMBER = 128;

/**
 * 1 to 32 members `key=value` with nothing but commas between them. Keys: 1 to 256 of `a-z 0-9 _ - * / @`, starting with
 * a letter or digit. Values: 1 to 256 printable ASCII characters without `,` and `=`, not ending in a space.
 */
const LIST = /^(?!,)(?:(?:^|,)[a-z\d][a-z\d_\-*/@]{0,255}=[ -+\--<>-~]{0,255}[!-+\--<>-~]){1,32}$/;

/** What may stand in a list at all: without it, `trim` would remove whitespace that is not HTTP's. */
const PRINTABLE = /^[\t -~]*$/;

/**
 * Reads a `tracestate`: whitespace around members and empty members are removed, and of members with the same key the
 * left-most, which is the newest, is kept. Several headers are joined with commas first.
 *
 * @param text - the header value; anything else than a string counts as malformed
 * @returns the list, possibly empty; undefined if a member is illegal or there are more than 32: drop the whole list
 * then, but keep the `traceparent`. Never throws.
 */
export function parseTracestate(text: unknown): string | undefined {
  if (typeof text !== "string") return undefined;
  if (LIST.test(text)) return withoutRepeats(text);
  if (!PRINTABLE.test(text)) return undefined;
  const list = text
    .split(",")
    .map((member) => member.trim())
    .filter((member) => member !== "")
    .join();
  return list === "" || LIST.test(list) ? withoutRepeats(list) : undefined;
}

/** A legal list without the members whose key was there before. */
function withoutRepeats(list: string): string {
  for (let at = 0, end: number; (end = list.indexOf(",", at)) > 0; at = end + 1) {
    const key = list.slice(at, list.indexOf("=", at) + 1);
    const again = list.indexOf(`,${key}`, end);
    if (again < 0) continue;
    const next = list.indexOf(",", again + 1);
    return withoutRepeats(list.slice(0, again) + (next < 0 ? "" : list.slice(next)));
  }
  return list;
}

/**
 * Cuts a legal list to a length as the specification says: members over 128 characters first, then from the right,
 * always whole members.
 */
export function shortenTracestate(list: string, maxLength = MAX_TRACESTATE_LENGTH): string {
  if (list.length <= maxLength) return list;
  const members = list.split(",");
  for (const size of [LARGE_MEMBER, 0]) {
    for (let at = members.length - 1; at >= 0 && members.join().length > maxLength; at--) {
      if ((members[at]?.length ?? 0) > size) members.splice(at, 1);
    }
  }
  return members.join();
}
