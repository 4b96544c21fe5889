/**
 * The target of a request: a path, or, as proxies are asked, a whole URL. Whatever else it is, it is not parsed: Node's parser let
 * it pass.
 */

/** What of a target is recorded. */
export interface Target {
  readonly path: string;
  /** Without its question mark; empty if there is none. */
  readonly query: string;
}

/** Takes a target apart. Never throws. */
export function pathAndQuery(target: string): Target {
  return target.startsWith("/") ? partsOfPath(target) : partsOfUrl(target);
}

/** The usual case, without an expression. */
function partsOfPath(target: string): Target {
  const fragment = target.indexOf("#");
  const end = fragment < 0 ? target.length : fragment;
  const mark = target.indexOf("?");
  return mark < 0 || mark > end
    ? { path: target.slice(0, end), query: "" }
    : { path: target.slice(0, mark), query: target.slice(mark + 1, end) };
}

function partsOfUrl(target: string): Target {
  const [, path = "", query = ""] = /^(?:[a-z][a-z\d+.-]*:\/\/[^/?#]*)?([^?#]*)\??([^#]*)/i.exec(target) ?? [];
  return { path: path === "" ? "/" : path, query };
}
