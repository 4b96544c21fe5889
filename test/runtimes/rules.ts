/** What must be true of every call in the strict runtime, whatever the test was about. */
import type { StrictCall } from "../../src/testing/strict/index.js";

/** Fails if a call was killed, left something unawaited, or was a query that noticed more than what it was asked. */
export function expectRules(calls: readonly StrictCall[]): void {
  const breaches = calls.flatMap((call) => breachesOf(call).map((breach) => `${call.path} ${breach}`));
  if (breaches.length > 0) throw new Error(`Calls broke rules:\n${breaches.join("\n")}`);
}

function breachesOf(call: StrictCall): string[] {
  return [
    ...(call.outcome === "killed" ? [`was killed: ${call.error ?? ""}`] : []),
    ...(call.unawaited.length > 0 ? [`did not await ${call.unawaited.join(", ")}`] : []),
    ...(call.type === "query" && call.componentPath === "" ? breachesOfQuery(call) : []),
  ];
}

// The queries of the component are about time, and nobody waits for them in a cache. Queries of these tests read no clock and no variable themselves. If tracing did, it would spoil their caching.
function breachesOfQuery({ clockReads, randomDraws, importReads, envReads, console }: StrictCall): string[] {
  return [
    ...(clockReads + importReads.clock > 0 ? ["read the clock"] : []),
    ...(randomDraws + importReads.random > 0 ? ["drew random numbers"] : []),
    ...(envReads.length > 0 ? [`read ${envReads.join(", ")}`] : []),
    ...(console.length > 0 ? ["printed"] : []),
  ];
}
