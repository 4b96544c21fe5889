/**
 * Text of a backend, made fit for a log. Some backends repeat the key they refuse, so whatever this request was
 * configured with is taken out before anybody sees it.
 */
import type { HeaderMap } from "./headers.js";

/** Enough to recognize an error, too little to fill a log. */
const MAX_LENGTH = 300;

/** Shorter parts of a header value are words such as `Basic`, not secrets. */
const MIN_SECRET_LENGTH = 8;

/** @internal One line without addresses, header values and parts of the URL's query. */
export function safeText(text: string, url: string, headers: HeaderMap): string {
  // Cut first: taking secrets out of megabytes would be work for nothing. The rest is cut again below.
  let line = text.slice(0, MAX_LENGTH * 10).replace(/[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]+/gi, "[url]");
  for (const secret of secretsOf(url, headers)) {
    line = line.replaceAll(secret, "[hidden]");
  }
  line = line.replace(/[\p{C}\s]+/gu, " ").trim();
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line;
}

/** Whole values first, then their parts: the token of `Bearer <token>`, the key of `sentry sentry_key=<key>`. */
function secretsOf(url: string, headers: HeaderMap): readonly string[] {
  const query = url.includes("?") ? url.slice(url.indexOf("?") + 1) : "";
  const values = [...Object.values(headers), query].filter((value) => value !== "");
  const parts = values.flatMap((value) => value.split(/[\s=&,;:]+/)).filter((part) => part.length >= MIN_SECRET_LENGTH);
  return [...values.filter((value) => value.length >= 4), ...parts].sort((a, b) => b.length - a.length);
}
