/**
 * URLs as telemetry may know them. A query string is what a user typed, and often a key: so parameters show by name only
 * unless the program says otherwise, and credentials never show.
 */

/** What is recorded of a query string: the names of its parameters, or their values too. */
export type QueryPolicy = "names" | "values";

/** How URLs are redacted. */
export interface UrlRules {
  readonly query: QueryPolicy;
  /** Lower-case names of parameters whose values never show. */
  readonly secretParameters: ReadonlySet<string>;
}

/**
 * Parameters whose values are credentials: signatures of cloud storage (the list of the semantic conventions), and what
 * tokens are usually called.
 */
export const SECRET_PARAMETERS: readonly string[] = [
  "X-Amz-Signature",
  "X-Amz-Credential",
  "X-Amz-Security-Token",
  "AWSAccessKeyId",
  "Signature",
  "sig",
  "X-Goog-Signature",
  "token",
  "access_token",
  "api_key",
  "code",
  "password",
];

const REDACTED = "REDACTED";

/** What a programmer calls a parameter. Anything else in the place of a name may be what a user typed. */
const NAME = /^[\w.\-[\]$:]{1,64}$/;

/** A query string without its question mark, redacted. */
export function redactQuery(query: string, rules: UrlRules): string {
  let redacted = "";
  for (let from = 0, end: number; from <= query.length; from = end + 1) {
    const next = query.indexOf("&", from);
    end = next < 0 ? query.length : next;
    redacted += (from > 0 ? "&" : "") + redactPair(query.slice(from, end), rules);
  }
  return redacted;
}

function redactPair(pair: string, { query, secretParameters }: UrlRules): string {
  const at = pair.indexOf("=");
  const name = at < 0 ? undefined : decoded(pair.slice(0, at));
  // What has no name could be a value: `?<token>`.
  if (name === undefined || !NAME.test(name)) return pair === "" ? "" : REDACTED;
  const shows = query === "values" && !secretParameters.has(name.toLowerCase());
  return `${pair.slice(0, at)}=${shows ? pair.slice(at + 1) : REDACTED}`;
}

/** A name is compared as the server will read it: `%74oken` is `token`. */
function decoded(name: string): string | undefined {
  if (!/[%+]/.test(name)) return name;
  try {
    return decodeURIComponent(name.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

/** A whole URL, redacted. Its fragment is left out: it is not sent, and sign-in flows put tokens there. */
export function redactUrl(url: URL, rules: UrlRules): string {
  const user = url.username === "" && url.password === "" ? "" : `${REDACTED}:${REDACTED}@`;
  const query = url.search.slice(1);
  return `${url.protocol}//${user}${url.host}${url.pathname}${query === "" ? "" : `?${redactQuery(query, rules)}`}`;
}
