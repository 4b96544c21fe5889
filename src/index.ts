/**
 * `convex-otel`: tracing for your own code, anywhere. Nothing here knows a platform: adapters
 * (`convex-otel/convex`, …) and any OpenTelemetry provider bring it.
 */
export {
  addEvent,
  addLink,
  getActiveSpan,
  recordError,
  setAttributes,
  startSpan,
  suppressTracing,
  traced,
  withSpan,
} from "./core/api.js";
export type { Redact } from "./core/attributes.js";
export type { SpanLimits } from "./core/limits.js";
export type { Clock, Diagnostic, Diagnostics, Env, Exporter, ExportResult, Random, SendOptions } from "./core/ports.js";
export type { SamplingRules } from "./core/sampler.js";
export type {
  Attributes,
  AttributeValue,
  EventRecord,
  InstrumentationScope,
  Link,
  LinkRecord,
  Resource,
  Span,
  SpanContext,
  SpanKind,
  SpanOptions,
  SpanRecord,
  SpanStatus,
  StatusCode,
  TimeInput,
} from "./core/types.js";
export { getCorrelationId, injectCarrier, injectHeaders, setCorrelationId } from "./propagation/active.js";
export type { BaggageEntry } from "./propagation/baggage.js";
export { CARRIER_FIELD } from "./propagation/carrierField.js";
export { type Carrier, decodeCarrier as extractCarrier, type Extracted } from "./propagation/carrier.js";
export { type CorrelationSeed, seedCorrelationId } from "./propagation/correlation.js";
export { extractHeaders, type HeaderSource, type HeaderTarget } from "./propagation/headers.js";
export type { Lineage } from "./propagation/lineage.js";
