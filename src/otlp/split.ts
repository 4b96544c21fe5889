/**
 * Looking into texts that were encoded before: how many spans one holds, and halving one that a backend finds too
 * large. Both work on the text alone, since a text may have waited in a job or a document for hours.
 */

/** Every span has this key once, and no string can hold it: a quote inside a JSON string has a backslash before it. */
const SPAN_KEY = '"startTimeUnixNano":';

/**
 * @internal
 * How many spans a text of `encodeSpans` holds. Counts keys instead of parsing: it runs for every text of a delivery.
 */
export function countSpans(text: string): number {
  let count = 0;
  for (let at = text.indexOf(SPAN_KEY); at !== -1; at = text.indexOf(SPAN_KEY, at + SPAN_KEY.length)) count++;
  return count;
}

/**
 * @internal
 * Two texts with half of the spans each, or undefined if the text has fewer than two spans or is not one of ours.
 */
export function splitText(text: string): [string, string] | undefined {
  const element = parse(text);
  if (!isRecord(element) || !Array.isArray(element["scopeSpans"])) return undefined;
  const scopes = element["scopeSpans"].filter(hasSpans);
  const total = scopes.reduce((sum, scope) => sum + scope.spans.length, 0);
  if (total < 2) return undefined;
  const middle = Math.ceil(total / 2);
  return [slice(element, scopes, 0, middle), slice(element, scopes, middle, total)];
}

interface ScopeSpans extends Record<string, unknown> {
  readonly spans: readonly unknown[];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function hasSpans(value: unknown): value is ScopeSpans {
  return isRecord(value) && Array.isArray(value["spans"]);
}

/** The element with the spans from `from` up to `to`, counted over all its scopes; scopes left empty are left out. */
function slice(element: Record<string, unknown>, scopes: readonly ScopeSpans[], from: number, to: number): string {
  const kept: ScopeSpans[] = [];
  let before = 0;
  for (const scope of scopes) {
    const spans = scope.spans.slice(Math.max(0, from - before), Math.max(0, to - before));
    if (spans.length > 0) kept.push({ ...scope, spans });
    before += scope.spans.length;
  }
  return JSON.stringify({ ...element, scopeSpans: kept });
}
