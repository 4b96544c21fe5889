/**
 * Finds the directive `"use node"` at the top of a file.
 *
 * Convex parses the file with Babel for this. Directives can only stand before all code, with nothing but comments
 * between them, so reading that much needs no parser.
 */

// White space, comments and the `#!` line, at the current position.
const TRIVIA = /(?:\s|\/\/.*|\/\*[^]*?\*\/|^#!.*)*/y;

// A string that is a statement of its own: followed by a semicolon, a line end, a comment or the end of the file.
const DIRECTIVE = /(["'])((?:\\.|(?!\1)[^\\\n])*)\1[^\S\n]*(?:;|(?=\n|\r|\/\/|\/\*|$))/y;

/** Whether a source text declares that it runs in Node.js. */
export function hasUseNodeDirective(text: string): boolean {
  if (!text.includes("use node")) return false;
  for (let at = 0; ;) {
    TRIVIA.lastIndex = at;
    DIRECTIVE.lastIndex = at + (TRIVIA.exec(text)?.[0].length ?? 0);
    const directive = DIRECTIVE.exec(text);
    if (directive === null) return false;
    if (directive[2] === "use node") return true;
    at = DIRECTIVE.lastIndex;
  }
}
