/**
 * The data model of a span, as plain data.
 *
 * Everything in this project speaks in these shapes: the recorder makes them, the OTLP encoder reads them, tests print
 * them. They follow the OpenTelemetry data model, but import nothing, so that a Convex function does not pay for an API
 * package it has no use for. {@link Span} has the methods of `Span` in `@opentelemetry/api`, with one difference: the
 * trace state is the header's text, not an object.
 */

/** What an attribute may hold. `bigint` (Convex int64) is kept exactly; `null` and `undefined` items are dropped. */
export type AttributeValue =
  | string
  | number
  | boolean
  | bigint
  | Uint8Array
  | ReadonlyArray<string | null | undefined>
  | ReadonlyArray<number | null | undefined>
  | ReadonlyArray<boolean | null | undefined>
  | ReadonlyArray<bigint | null | undefined>;

/** Attributes by name. A value of `undefined` means "not set" and is ignored. */
export interface Attributes {
  [name: string]: AttributeValue | undefined;
}

/** The role of a span in a trace, spelled as in the OpenTelemetry specification. */
export type SpanKind = "internal" | "server" | "client" | "producer" | "consumer";

/** Status codes of OpenTelemetry: 0 unset, 1 ok, 2 error (`SpanStatusCode` of `@opentelemetry/api`). */
export type StatusCode = 0 | 1 | 2;

/** Outcome of a span. Libraries leave it unset on success. */
export interface SpanStatus {
  readonly code: StatusCode;
  readonly message?: string;
}

/** Identity of a span, as W3C Trace Context carries it from one process to the next. */
export interface SpanContext {
  /** 32 lower-case hex digits, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hex digits, not all zero. */
  readonly spanId: string;
  /** W3C trace flags: bit 0 is "sampled", bit 1 is "random trace id". */
  readonly traceFlags: number;
  /** The `tracestate` header text, without members of this library. */
  readonly traceState?: string;
  /** True if the span was started in another process or another Convex call. */
  readonly isRemote?: boolean;
}

/** A span this one is related to, without being its child. */
export interface LinkRecord {
  readonly context: SpanContext;
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
}

/** Something that happened at one moment of a span. */
export interface EventRecord {
  readonly name: string;
  /** Milliseconds since the Unix epoch, with fractions. */
  readonly time: number;
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
}

/** A finished span: what leaves the recorder and what exporters get. */
export interface SpanRecord {
  readonly name: string;
  readonly kind: SpanKind;
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly traceState?: string;
  /** Absent on a root span. */
  readonly parentSpanId?: string;
  /** True if the parent was started in another process or another Convex call. */
  readonly parentIsRemote: boolean;
  /** Milliseconds since the Unix epoch, with fractions. */
  readonly startTime: number;
  /** Milliseconds since the Unix epoch, with fractions; never before `startTime`. */
  readonly endTime: number;
  readonly attributes: Attributes;
  readonly events: readonly EventRecord[];
  readonly links: readonly LinkRecord[];
  readonly status: SpanStatus;
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
  /** The library that recorded the span, where it is not this one. */
  readonly scope?: InstrumentationScope;
  /** True if the identity was handed on: spans elsewhere may have this one as parent, so it is the last to be dropped. */
  readonly isHandedOn?: boolean;
}

/** The entity that produced spans: attributes such as `service.name`. */
export interface Resource {
  readonly attributes: Attributes;
}

/** The library that recorded spans. */
export interface InstrumentationScope {
  readonly name: string;
  readonly version?: string;
  /** The version of the semantic conventions that its attribute names follow. */
  readonly schemaUrl?: string;
}

/** A moment: milliseconds since the Unix epoch, a `Date`, or OpenTelemetry's `[seconds, nanoseconds]`. */
export type TimeInput = number | Date | readonly [number, number];

/** What a link is made from. */
export interface Link {
  readonly context: SpanContext;
  readonly attributes?: Attributes;
}

/**
 * A span that is being recorded, or stands for one that is not.
 *
 * Every method is safe at any time: after `end()`, or on a span that is not recorded, it does nothing. Nothing throws.
 */
export interface Span {
  /** The identity to propagate. */
  spanContext(): SpanContext;
  /** False if the span is not sampled or has ended: skip work that only feeds attributes. */
  isRecording(): boolean;
  setAttribute(name: string, value: AttributeValue): this;
  setAttributes(attributes: Attributes): this;
  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this;
  addLink(link: Link): this;
  addLinks(links: Link[]): this;
  /** Codes are those of {@link StatusCode}; others are ignored. */
  setStatus(status: { readonly code: number; readonly message?: string | undefined }): this;
  updateName(name: string): this;
  /** Records what was thrown as an `exception` event. Does not set the status: see `recordError`. */
  recordException(exception: unknown, time?: TimeInput): void;
  /** Ends the span once; later calls are ignored. */
  end(time?: TimeInput): void;
}

/** Options of a new span. */
export interface SpanOptions {
  /** @defaultValue `"internal"` */
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  readonly links?: readonly Link[];
  /** @defaultValue now */
  readonly startTime?: TimeInput;
  /**
   * The parent, where it is not the active span. Needed only on Convex backends without `AsyncLocalStorage`, where the
   * active span is always the function's own.
   */
  readonly parent?: Span;
}
