/**
 * A span of this library as code sees it that uses `@opentelemetry/api`: trace states are objects, and what libraries may
 * not record is left out.
 */
import type { CallSpan, ChildOptions } from "../../../core/callSpan.js";
import { withoutRejectedData } from "../../../core/errors.js";
import { toOtelSpanContext } from "../../../core/otelGlobal.js";
import type { CallScope } from "../../../core/ports.js";
import { withTextState } from "../../../core/traceState.js";
import type { Attributes, AttributeValue, Link, SpanContext, SpanKind, TimeInput } from "../../../core/types.js";
import { formatTraceparent } from "../../../propagation/traceparent.js";
import { isAiContent } from "./aiContent.js";

const views = new WeakMap<CallSpan, OtelSpan>();

/** The span as others see it: always the same object. */
export function otelSpan(span: CallSpan, call: CallScope): CallSpan {
  if (span instanceof OtelSpan) return span;
  let view = views.get(span);
  if (view === undefined) views.set(span, (view = new OtelSpan(span, call)));
  return view;
}

class OtelSpan implements CallSpan {
  readonly #span: CallSpan;
  readonly #call: CallScope;

  constructor(span: CallSpan, call: CallScope) {
    this.#span = span;
    this.#call = call;
  }

  spanContext(): SpanContext {
    return toOtelSpanContext(this.#span.spanContext());
  }

  isRecording(): boolean {
    return this.#span.isRecording();
  }

  setAttribute(name: string, value: AttributeValue): this {
    return this.setAttributes({ [name]: value });
  }

  setAttributes(attributes: Attributes): this {
    this.#span.setAttributes(admitted(attributes, this.#call));
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    const isTime = isTimeInput(attributesOrTime);
    const attributes = isTime ? {} : admitted(attributesOrTime, this.#call, name);
    this.#span.addEvent(name, attributes, timeOf(isTime ? attributesOrTime : time));
    return this;
  }

  addLink(link: Link): this {
    return this.addLinks([link]);
  }

  addLinks(links: Link[]): this {
    this.#span.addLinks(ownLinks(links, this.#call));
    return this;
  }

  setStatus({ code, message }: { readonly code: number; readonly message?: string }): this {
    this.#span.setStatus({ code, message: typeof message === "string" ? withoutRejectedData(message) : message });
    return this;
  }

  updateName(name: string): this {
    this.#span.updateName(name);
    return this;
  }

  recordException(exception: unknown, time?: TimeInput): void {
    this.#span.recordException(exception, timeOf(time));
  }

  end(time?: TimeInput): void {
    this.#span.end(timeOf(time));
  }

  startChild(name: string, options?: ChildOptions): CallSpan {
    return this.#span.startChild(name, options);
  }

  claimError(thrown: unknown): boolean {
    return this.#span.claimError(thrown);
  }
}

/** Attributes without content, unless the app wants it. `event`: the name of the event that has them. */
export function admitted(attributes: Attributes | undefined, { aiContent }: CallScope, event?: string): Attributes {
  if (aiContent === "record") return attributes ?? {};
  try {
    return Object.fromEntries(Object.entries(attributes ?? {}).filter(([name]) => !isAiContent(name, event)));
  } catch {
    // A getter or proxy of the caller threw.
    return {};
  }
}

/** Links as the recorder takes them, without those to nothing. */
export function ownLinks(links: readonly Link[] | undefined, call: CallScope): Link[] {
  return (links ?? [])
    .filter((link) => formatTraceparent(Object(link?.context) as SpanContext) !== undefined)
    .map(({ context, attributes }) => ({ context: withTextState(context), attributes: admitted(attributes, call) }));
}

function isTimeInput(value: Attributes | TimeInput | undefined): value is TimeInput {
  return typeof value === "number" || value instanceof Date || Array.isArray(value);
}

/** `SpanKind` of the API counts from 0, in this order. */
export function kindOf(kind: number | undefined): SpanKind {
  return (["internal", "server", "client", "producer", "consumer"] as const)[kind ?? 0] ?? "internal";
}

/**
 * Times of the API may be readings of `performance.now()`, which count from an origin that says nothing in Convex: small
 * numbers are taken for those, and replaced by now.
 */
export function timeOf(time: TimeInput | undefined): TimeInput | undefined {
  return typeof time === "number" && time < 1e11 ? undefined : time;
}
