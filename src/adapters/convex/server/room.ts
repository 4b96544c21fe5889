/** Whether a transaction has room for telemetry, which gives way to what the program may still want to do. */
import type { BegunCall } from "./beginCall.js";

/**
 * At the end of a transaction telemetry leaves a tenth of what Convex allows. A call inside of one, and a call of which that is
 * not known, leaves nearly all: its caller may still want to use as much as it is allowed.
 */
const SHARE_AT_END = 0.9;
const SHARE_INSIDE = 0.05;

/** What is needed, by the names of `ctx.meta.getTransactionMetrics()`. */
export async function hasRoom({ metadata, incoming }: BegunCall, needs: Record<string, number>): Promise<boolean> {
  if (incoming.shape.type !== "mutation") return true;
  const metrics = await metadata.read("getTransactionMetrics");
  const share = isOutermost(incoming) ? SHARE_AT_END : SHARE_INSIDE;
  return Object.entries(needs).every(([name, needed]) => hasShare(metrics[name], needed, share));
}

/** Scheduled, called by an action, or by a client: nothing follows in the transaction. */
function isOutermost({ extracted, shape }: BegunCall["incoming"]): boolean {
  const edge = extracted.lineage?.edge;
  return edge === undefined ? shape.visibility === "public" : edge !== "nested";
}

/** On backends that do not tell, there is room. */
function hasShare(metric: unknown, needed: number, share: number): boolean {
  const { used, remaining } = Object(metric) as { readonly used?: unknown; readonly remaining?: unknown };
  if (typeof used !== "number" || typeof remaining !== "number") return true;
  return used + needed <= (used + remaining) * share;
}
