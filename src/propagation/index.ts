/**
 * Trace context, baggage and correlation id between processes: the codecs, without any notion of an active span, so
 * that they work on every platform and in tests alike.
 */
export { CARRIER_FIELD } from "./carrierField.js";
export { formatBaggage, getBaggageEntry, parseBaggage, type BaggageEntry, type BaggageProperty } from "./baggage.js";
export { decodeCarrier, encodeCarrier, type Carrier, type CarrierContent, type Extracted } from "./carrier.js";
export {
  CORRELATION_BAGGAGE_KEY,
  CORRELATION_HEADER,
  isValidCorrelationId,
  seedCorrelationId,
  type CorrelationSeed,
} from "./correlation.js";
export {
  extractHeaders,
  injectHeaders,
  type HeaderContent,
  type HeaderGetter,
  type HeaderRecord,
  type HeaderSetter,
  type HeaderSource,
  type HeaderTarget,
} from "./headers.js";
export { formatLineage, parseLineage, type Lineage, type LineageEdge } from "./lineage.js";
export { formatTraceparent, parseTraceparent, RANDOM, SAMPLED } from "./traceparent.js";
export { parseTracestate, shortenTracestate } from "./tracestate.js";
