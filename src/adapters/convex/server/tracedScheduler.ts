/** `ctx.scheduler`, traced: a PRODUCER span for what is scheduled, which the scheduled run continues. */
import { endingSpan } from "../../../core/api.js";
import { derivedIds } from "../../../core/ids.js";
import { FLAG_SAMPLED } from "../../../core/recorder.js";
import type { CallSpan } from "../../../core/callSpan.js";
import {
  CONVEX_SCHEDULER_DELAY,
  MESSAGING_DESTINATION_NAME,
  MESSAGING_MESSAGE_CONVERSATION_ID,
  MESSAGING_MESSAGE_ID,
  MESSAGING_OPERATION_NAME,
  MESSAGING_OPERATION_TYPE,
  MESSAGING_SYSTEM_NAME,
} from "../../../semconv/attributes.js";
import { handOn } from "./handOn.js";
import type { TracedCall } from "./tracedCall.js";
import type { CtxMethod } from "./tracedCalls.js";

/** The methods of `ctx.scheduler`. */
export interface SchedulerMethods {
  readonly runAfter: CtxMethod;
  readonly runAt: CtxMethod;
  readonly cancel: CtxMethod;
}

/** Wraps a scheduler. Members added by newer versions of Convex stay as they are. */
export function tracedScheduler<S extends SchedulerMethods>(call: TracedCall, scheduler: S): S {
  const { runAfter, runAt, cancel } = scheduler;
  return {
    ...scheduler,
    runAfter: tracedSchedule(call, runAfter, (delayMs) => call.clock.now() + Number(delayMs)),
    runAt: tracedSchedule(call, runAt, Number),
    cancel: tracedCancel(call, cancel),
  };
}

/** `dueAt` turns the method's first argument, a delay or a moment, into milliseconds since the Unix epoch. */
function tracedSchedule(call: TracedCall, original: CtxMethod, dueAt: (when: unknown) => number): CtxMethod {
  return (...given) => {
    const callee = call.describe(given[1]);
    const due = dueAt(given[0]);
    const dueTime = Number.isFinite(due) ? due : call.clock.now();
    const span = call.startSpan(`schedule ${callee.displayName}`, {
      kind: "producer",
      attributes: {
        [MESSAGING_SYSTEM_NAME]: "convex",
        [MESSAGING_OPERATION_NAME]: "schedule",
        [MESSAGING_OPERATION_TYPE]: "send",
        [MESSAGING_DESTINATION_NAME]: callee.displayName,
        [MESSAGING_MESSAGE_CONVERSATION_ID]: call.ensureCorrelationId(),
        [CONVEX_SCHEDULER_DELAY]: Math.max(0, Math.round(dueTime - call.clock.now()) / 1000),
      },
    });
    if (span === undefined) return original(...given);
    const passed = handOn(call, span, callee, given, 2, { edge: "scheduled", dueTime });
    const isFollowed = passed !== given || callee.path === undefined || !call.accepts(callee.path);
    return endingSpan(
      span,
      () => call.outside(() => original(...passed)),
      (id) => noteJob(span, isFollowed, id),
    );
  };
}

/**
 * Notes the id of the scheduled job. A run that could be given no carrier derives its trace id from that id: the link
 * leads to that trace, without anything being stored. The span in it cannot be known; its id is derived as well.
 */
function noteJob(span: CallSpan, isFollowed: boolean, id: unknown): void {
  if (typeof id !== "string") return;
  span.setAttribute(MESSAGING_MESSAGE_ID, id);
  if (!isFollowed) span.addLink({ context: { ...derivedIds(id), traceFlags: FLAG_SAMPLED } });
}

function tracedCancel(call: TracedCall, original: CtxMethod): CtxMethod {
  return (...given) => {
    const id = given[0];
    const span = call.startSpan("cancel", {
      kind: "client",
      attributes: {
        [MESSAGING_SYSTEM_NAME]: "convex",
        [MESSAGING_OPERATION_NAME]: "cancel",
        [MESSAGING_MESSAGE_ID]: typeof id === "string" ? id : undefined,
      },
    });
    return span === undefined ? original(...given) : endingSpan(span, () => call.outside(() => original(...given)));
  };
}
