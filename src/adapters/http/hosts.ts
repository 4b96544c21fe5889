/** The hosts that may see where a request comes from: an allow-list, empty unless the program fills it. */

/** Whether trace context may be sent to a URL. */
export type HostRule = (url: URL) => boolean;

/** `api.example.com`, `*.example.com`, `[::1]`, each with or without a port; or `*`. */
const PATTERN = /^(?:\*|(?:\*\.)?[\w-]+(?:\.[\w-]+)*(?::\d+)?|\[[\da-f:.]+\](?::\d+)?)$/i;

/** Whether a text is a host as it can be listed. */
export function isHostPattern(value: unknown): value is string {
  return typeof value === "string" && PATTERN.test(value);
}

/** The rule of a list, or of a function; one that throws allows nothing. */
export function hostRule(hosts: readonly string[] | HostRule): HostRule {
  if (typeof hosts === "function") {
    return (url) => {
      try {
        return hosts(url);
      } catch {
        return false;
      }
    };
  }
  const rules = hosts.map((pattern) => matcher(pattern.toLowerCase()));
  return (url) => rules.some((matches) => matches(url));
}

function matcher(pattern: string): HostRule {
  if (pattern === "*") return () => true;
  const hasPort = /:\d+$/.test(pattern);
  const hostOf = (url: URL) => (hasPort ? `${url.hostname}:${portOf(url)}` : url.hostname);
  return pattern.startsWith("*.") ? (url) => hostOf(url).endsWith(pattern.slice(1)) : (url) => hostOf(url) === pattern;
}

/** The port of a URL, which leaves out that of its scheme. */
export function portOf(url: URL): number {
  return url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
}
