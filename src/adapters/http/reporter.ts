/** Reports of this adapter: a server says each thing once, not once for each request. */
import { reportOnce } from "../../core/adapterOptions.js";
import type { Diagnostics } from "../../core/ports.js";

/** Passes on what has not been said before, to the console unless told otherwise. Never throws. */
export function reporter(diagnostics: Diagnostics = printDiagnostic): Diagnostics {
  return reportOnce(diagnostics);
}

function printDiagnostic({ level, code, message }: Parameters<Diagnostics>[0]): void {
  console[level](`[convex-otel] ${code}: ${message}`);
}

/** Why something of ours failed, for a report. Anything may have been thrown, so nothing is asked to describe itself. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : `a ${typeof thrown} was thrown`;
}
