/** Sends the span that says what was dropped. By itself, so that a batch never fails, and nothing is miscounted, because of it. */
import type { Attributes, SpanRecord } from "../core/types.js";
import { encodeSpans, joinTexts } from "../otlp/encode.js";
import { resourceFromEnv } from "../otlp/resourceFromEnv.js";
import { post } from "../otlp/transport.js";
import {
  CONVEX_COMPONENT_PATH,
  CONVEX_DEPLOYMENT_NAME,
  CONVEX_TELEMETRY_DROPPED_AGE,
  CONVEX_TELEMETRY_DROPPED_BYTES,
  CONVEX_TELEMETRY_DROPPED_PURGED,
  CONVEX_TELEMETRY_DROPPED_REFUSED,
  CONVEX_TELEMETRY_DROPPED_REJECTED,
  CONVEX_TELEMETRY_DROPPED_SPANS,
  CONVEX_TELEMETRY_RESEND,
  SERVICE_NAME,
  TELEMETRY_SDK_LANGUAGE,
  TELEMETRY_SDK_NAME,
  TELEMETRY_SDK_VERSION,
} from "../semconv/attributes.js";
import { SCOPE_NAME, VERSION } from "../semconv/version.js";
import type { ActionCtx } from "./_generated/server.js";
import { type Dropped, type DropReport, REASONS, sumOf } from "./dropReport.js";
import { TELL_MS } from "./limits.js";
import type { Destination } from "./sendBatch.js";
import { componentEnv } from "./settings.js";

/** Of all these spans: what was dropped is in the attributes. */
const SPAN_NAME = "telemetry dropped";

const ATTRIBUTE_OF: Readonly<Record<keyof Dropped, string>> = {
  age: CONVEX_TELEMETRY_DROPPED_AGE,
  bytes: CONVEX_TELEMETRY_DROPPED_BYTES,
  rejected: CONVEX_TELEMETRY_DROPPED_REJECTED,
  refused: CONVEX_TELEMETRY_DROPPED_REFUSED,
  purged: CONVEX_TELEMETRY_DROPPED_PURGED,
};

/**
 * Sends the report. Never throws.
 *
 * @returns its span id if a backend has answered for it, taken or not; undefined if it is to be sent again
 */
export async function tellDrops(
  ctx: ActionCtx,
  report: DropReport,
  { timeoutMs, ...destination }: Destination,
): Promise<string | undefined> {
  const resource = { attributes: await resourceOf(ctx) };
  const { text } = encodeSpans([spanOf(report)], { resource, scope: { name: SCOPE_NAME, version: VERSION } });
  const result = await post({
    ...destination,
    timeoutMs: Math.min(timeoutMs, TELL_MS),
    body: joinTexts([text]),
    now: () => Date.now(),
  });
  return result.kind === "retryable" ? undefined : report.spanId;
}

function spanOf({ traceId, spanId, since, upTo, dropped, mayHaveArrived }: DropReport): SpanRecord {
  const counts = REASONS.flatMap((reason) => (dropped[reason] === 0 ? [] : [[ATTRIBUTE_OF[reason], dropped[reason]]]));
  return {
    traceId,
    spanId,
    // Sampled, and of a trace id that is random.
    traceFlags: 3,
    name: SPAN_NAME,
    kind: "internal",
    startTime: since,
    endTime: upTo,
    attributes: {
      [CONVEX_TELEMETRY_DROPPED_SPANS]: sumOf(dropped),
      ...(Object.fromEntries(counts) as Attributes),
      ...(mayHaveArrived ? { [CONVEX_TELEMETRY_RESEND]: true } : {}),
    },
    events: [],
    links: [],
    status: { code: 0 },
    parentIsRemote: false,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** The component's own: it does not know the app's, unless they are bound to it. */
async function resourceOf({ meta }: ActionCtx): Promise<Attributes> {
  const [deployment, self] = await Promise.all([
    known(() => meta.getDeploymentMetadata()),
    known(() => meta.getFunctionMetadata()),
  ]);
  return {
    [SERVICE_NAME]: SCOPE_NAME,
    [CONVEX_DEPLOYMENT_NAME]: deployment?.name,
    [CONVEX_COMPONENT_PATH]: self?.componentPath,
    ...resourceFromEnv(componentEnv),
    [TELEMETRY_SDK_NAME]: SCOPE_NAME,
    [TELEMETRY_SDK_VERSION]: VERSION,
    [TELEMETRY_SDK_LANGUAGE]: "webjs",
  };
}

/** What older backends do not tell is left out. */
async function known<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch {
    return undefined;
  }
}
