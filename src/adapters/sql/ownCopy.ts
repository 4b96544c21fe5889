/** Lets go of a statement of which only parts are kept. */

/**
 * `text` and `rest` as one text that shares nothing with the strings they were cut from. Engines keep a slice of a string as
 * a pointer into it, so that a statement, with all its literals, would stay in memory as long as a slice of it.
 *
 * @param limit - how many characters of both to keep
 */
export function ownCopy(text: string, rest: string, limit: number): string {
  // Joining makes a tree of slices; reading a character makes the engine write it out and let go of them. One slice alone
  // is no tree, so it gets a character to be joined with.
  const isOne = text === "" || rest === "";
  const joined = isOne ? ` ${text}${rest}` : text + rest;
  joined.charCodeAt(0);
  const start = isOne ? 1 : 0;
  return start === 0 && joined.length <= limit ? joined : joined.slice(start, start + limit);
}
