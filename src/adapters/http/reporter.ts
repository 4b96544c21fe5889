/** Reports of this adapter: a server says each thing once, not once for each request. */
import type { Diagnostics } from "../../core/ports.js";

/** Passes on what has not been said before. Never throws. */
export function reporter(diagnostics: Diagnostics = printDiagnostic): Diagnostics {
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

function printDiagnostic({ level, code, message }: Parameters<Diagnostics>[0]): void {
  console[level](`[convex-otel] ${code}: ${message}`);
}

/** Why something of ours failed, for a report. Anything may have been thrown, so nothing is asked to describe itself. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : `a ${typeof thrown} was thrown`;
}
