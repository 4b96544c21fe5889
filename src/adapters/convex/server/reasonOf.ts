/** Why something of ours failed, for a report. Anything may have been thrown, so nothing is asked to describe itself. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : `a ${typeof thrown} was thrown`;
}
