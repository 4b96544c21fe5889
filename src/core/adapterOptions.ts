/** What the options of all instrumentations of clients have in common: how a wrong one is refused, how often a thing is said. */
import type { Diagnostics } from "./ports.js";

/** A wrong option. What was given is shown by its type alone, unless it is a number: it may be anything. */
export function optionError(where: string, option: string, given: unknown, allowed: string): TypeError {
  const shown = typeof given === "number" ? String(given) : given === null ? "null" : `a value of type ${typeof given}`;
  return new TypeError(`${where}: option "${option}": got ${shown}; allowed: ${allowed}.`);
}

/** Says each code once: a server that is down fails on every request. Never throws. */
export function reportOnce(diagnostics: Diagnostics): Diagnostics {
  const said = new Set<string>();
  return (diagnostic) => {
    if (said.has(diagnostic.code)) return;
    said.add(diagnostic.code);
    try {
      diagnostics(diagnostic);
    } catch {
      // Reporting must not become a failure of its own.
    }
  };
}
