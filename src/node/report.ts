/** What this library says about itself on a server: to whom, and how often. */
import type { Diagnostic, Diagnostics } from "../core/ports.js";

/** How long the same kind of report is held back, in milliseconds: an endpoint that is down fails every few seconds. */
const INTERVAL_MS = 60_000;

/** Reports to the console. */
export function printDiagnostic({ level, code, message }: Diagnostic): void {
  console[level](`[convex-otel] ${code}: ${message}`);
}

/** The same, safe to call anywhere: reporting must not become a failure of its own. */
export function safely(diagnostics: Diagnostics): Diagnostics {
  return (diagnostic) => {
    try {
      diagnostics(diagnostic);
    } catch {
      // Nobody is left to tell.
    }
  };
}

/** Of each code one report a minute; spans that were lost in between are added to the next. */
export function atIntervals(report: Diagnostics, now: () => number = Date.now): Diagnostics {
  const states = new Map<string, { saidAt: number; droppedSpans: number }>();
  return (diagnostic) => {
    const { code, droppedSpans = 0 } = diagnostic;
    const state = states.get(code) ?? { saidAt: -Infinity, droppedSpans: 0 };
    states.set(code, state);
    state.droppedSpans += droppedSpans;
    if (now() - state.saidAt < INTERVAL_MS) return;
    const lost = state.droppedSpans;
    state.saidAt = now();
    state.droppedSpans = 0;
    report(lost === droppedSpans ? diagnostic : withTotal(diagnostic, lost));
  };
}

function withTotal(diagnostic: Diagnostic, droppedSpans: number): Diagnostic {
  const message = `${diagnostic.message} ${droppedSpans} spans were lost since this was last said.`;
  return { ...diagnostic, message, droppedSpans };
}
