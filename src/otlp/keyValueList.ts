/**
 * Lists in environment variables, `key=value,key2=value2`, as OpenTelemetry writes headers and resource attributes:
 * the syntax of W3C Baggage without properties, percent-encoded where a comma or another reserved character is meant.
 */

/** One member of a list: a pair, or undefined where it could not be read. */
export type KeyValue = readonly [key: string, value: string];

/**
 * @internal
 * The members of a list, in order. Empty members are skipped; one that is no pair or is wrongly encoded is `undefined`,
 * so that the caller decides whether it costs itself or the whole list.
 */
export function parseKeyValueList(text: string): readonly (KeyValue | undefined)[] {
  return text
    .split(",")
    .filter((member) => member.trim() !== "")
    .map(parseMember);
}

function parseMember(member: string): KeyValue | undefined {
  const equals = member.indexOf("=");
  if (equals < 1) return undefined;
  try {
    const key = decodeURIComponent(member.slice(0, equals).trim());
    return key === "" ? undefined : [key, decodeURIComponent(member.slice(equals + 1).trim())];
  } catch {
    return undefined;
  }
}
