/** One call with many spans, from its first span to its text: how cost grows, and that limits bound it. */
import { callClock, callRandom } from "../../../src/adapters/convex/server/platform.js";
import { DEFAULT_LIMITS } from "../../../src/core/limits.js";
import { Recorder } from "../../../src/core/recorder.js";
import type { SpanRecord } from "../../../src/core/types.js";
import { type EncodedSpans, encodeSpans } from "../../../src/otlp/encode.js";

/** Whether the limits apply that are in force by default, or none. */
export type Bound = "default limits" | "no limits";

/** A call as it is when it has ended. */
export interface EndedCall {
  readonly spans: readonly SpanRecord[];
  readonly encoded: EncodedSpans;
}

const options = { resource: { attributes: { "service.name": "bench" } }, scope: { name: "bench" } };

/** Records, finishes and encodes a call of `count` spans. */
export function callWithSpans(count: number, bound: Bound): EndedCall {
  const isBound = bound === "default limits";
  const limits = isBound ? DEFAULT_LIMITS : { ...DEFAULT_LIMITS, spanCount: Infinity };
  const recorder = new Recorder("mutation", { clock: callClock(undefined), random: callRandom(), limits });
  for (let index = 1; index < count; index++) {
    recorder.entry.startChild("db.insert").setAttribute("task.rank", index).setAttribute("task.urgent", true).end();
  }
  const spans = recorder.finish();
  return {
    spans,
    encoded: encodeSpans(spans, isBound ? options : { ...options, maxBytes: Infinity, maxSpans: Infinity }),
  };
}
