/** Name, kind and attributes of the span that stands for a mutation or action itself, known only when it ends. */
import type { RecordingSpan } from "../../../core/span.js";
import type { Attributes } from "../../../core/types.js";
import { getBaggageEntry } from "../../../propagation/baggage.js";
import type { Extracted } from "../../../propagation/carrier.js";
import type { Lineage } from "../../../propagation/lineage.js";
import * as names from "../../../semconv/attributes.js";
import type { FunctionShape } from "./functionShape.js";
import type { CallMetadata } from "./metadata.js";
import type { TracedCall } from "./tracedCall.js";

/** What started a call; it decides the shape of its span. */
type Trigger = "call" | "nested" | "scheduled" | "cron";

/** What is known about a call when it ends. */
export interface EntryFacts {
  readonly shape: FunctionShape;
  readonly metadata: CallMetadata;
  readonly extracted: Extracted;
}

/** Completes the entry span of a mutation or action. */
export function describeEntry(call: TracedCall, entry: RecordingSpan, facts: EntryFacts): void {
  const { metadata, extracted, shape } = facts;
  const path = metadata.name ?? trustedCallee(facts);
  const trigger = triggerOf(facts);
  entry.kind = trigger === "scheduled" ? "consumer" : trigger === "nested" ? "internal" : "server";
  entry.updateName(trigger === "scheduled" ? `process ${path ?? shape.type}` : (path ?? shape.type));
  entry.setAttributes({
    [names.RPC_SYSTEM_NAME]: "convex",
    [names.RPC_METHOD]: path ?? "_OTHER",
    [names.CONVEX_FUNCTION_PATH]: path,
    [names.CONVEX_FUNCTION_TYPE]: shape.type,
    [names.CONVEX_FUNCTION_VISIBILITY]: shape.visibility,
    [names.CONVEX_COMPONENT_PATH]: metadata.componentPath,
    [names.CONVEX_REQUEST_ID]: metadata.requestId,
    [names.CONVEX_SCHEDULED_FUNCTION_ID]: metadata.scheduledFunctionId,
    [names.CONVEX_TELEMETRY_CLOCK]: call.clock.isFrozen ? "frozen" : undefined,
  });
  if (trigger === "scheduled") entry.setAttributes(scheduledAttributes(call, entry, facts, path));
  if (trigger === "cron") entry.setAttributes(cronAttributes(entry, extracted, metadata));
}

/** What an internal function's caller says it called: the only name there is on backends without `ctx.meta`. */
function trustedCallee({ shape, extracted }: EntryFacts): string | undefined {
  return shape.visibility === "internal" ? extracted.lineage?.callee : undefined;
}

/**
 * The platform knows best whether a run was scheduled. A job id without a lineage is a run that was given no carrier; a
 * job id with the lineage of a plain call belongs to the function that called this one.
 */
function triggerOf({ shape, metadata, extracted }: EntryFacts): Trigger {
  const edge: Lineage["edge"] = extracted.lineage?.edge;
  if (shape.visibility === "internal" && cronName(extracted) !== undefined) return "cron";
  if (edge === "scheduled") return metadata.tellsScheduled !== true || isScheduled(metadata) ? "scheduled" : "call";
  if (edge === undefined) return isScheduled(metadata) ? "scheduled" : "call";
  return edge;
}

function isScheduled({ scheduledFunctionId }: CallMetadata): boolean {
  return scheduledFunctionId !== undefined;
}

function scheduledAttributes(
  call: TracedCall,
  entry: RecordingSpan,
  { metadata, extracted }: EntryFacts,
  path: string | undefined,
): Attributes {
  const dueTime = extracted.lineage?.dueTime;
  return {
    [names.MESSAGING_SYSTEM_NAME]: "convex",
    [names.MESSAGING_OPERATION_NAME]: "process",
    [names.MESSAGING_OPERATION_TYPE]: "process",
    [names.MESSAGING_DESTINATION_NAME]: path,
    [names.MESSAGING_MESSAGE_ID]: metadata.scheduledFunctionId,
    [names.MESSAGING_MESSAGE_CONVERSATION_ID]: call.correlationId,
    [names.CONVEX_SCHEDULER_LAG]:
      dueTime === undefined ? undefined : Math.max(0, Math.round(entry.startTime - dueTime)) / 1000,
    [names.CONVEX_SCHEDULER_SCHEDULED_TIME]: dueTime === undefined ? undefined : new Date(dueTime).toISOString(),
  };
}

function cronAttributes(entry: RecordingSpan, extracted: Extracted, metadata: CallMetadata): Attributes {
  return {
    [names.CONVEX_CRON_NAME]: cronName(extracted),
    [names.FAAS_TRIGGER]: "timer",
    [names.FAAS_CRON]: getBaggageEntry(extracted.baggage, names.FAAS_CRON)?.value,
    [names.FAAS_INVOCATION_START_TIME]: new Date(entry.startTime).toISOString(),
    [names.FAAS_INVOCATION_ID]: metadata.requestId,
  };
}

function cronName({ baggage }: Extracted): string | undefined {
  return baggage.length === 0 ? undefined : getBaggageEntry(baggage, names.CONVEX_CRON_NAME)?.value;
}
