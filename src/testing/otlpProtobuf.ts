/**
 * OTLP/protobuf, as far as traces need it: requests as the JSON that would have said the same, and answers.
 *
 * Numbers of the fields: opentelemetry-proto v1.11.0 (`collector/trace/v1`, `trace/v1`, `common/v1`, `resource/v1`) and
 * google/rpc/status.proto.
 */
import { OtlpValidationError } from "./otlpValidationError.js";
import { type Message, ProtobufError, readMessage } from "./protobufReader.js";

const ANY_VALUE: Message = {
  1: { name: "stringValue", type: "string" },
  2: { name: "boolValue", type: "bool" },
  3: { name: "intValue", type: "int64" },
  4: { name: "doubleValue", type: "double" },
  5: { name: "arrayValue", type: () => ARRAY_VALUE },
  6: { name: "kvlistValue", type: () => KEY_VALUE_LIST },
  7: { name: "bytesValue", type: "bytes" },
};

const ARRAY_VALUE: Message = { 1: { name: "values", type: () => ANY_VALUE, isRepeated: true } };

const KEY_VALUE: Message = { 1: { name: "key", type: "string" }, 2: { name: "value", type: () => ANY_VALUE } };

const KEY_VALUE_LIST: Message = { 1: { name: "values", type: () => KEY_VALUE, isRepeated: true } };

const ATTRIBUTES = { name: "attributes", type: () => KEY_VALUE, isRepeated: true } as const;
const DROPPED_ATTRIBUTES = { name: "droppedAttributesCount", type: "uint32" } as const;
const TRACE_ID = { name: "traceId", type: "id" } as const;
const SPAN_ID = { name: "spanId", type: "id" } as const;
const TRACE_STATE = { name: "traceState", type: "string" } as const;

const EVENT: Message = {
  1: { name: "timeUnixNano", type: "fixed64" },
  2: { name: "name", type: "string" },
  3: ATTRIBUTES,
  4: DROPPED_ATTRIBUTES,
};

const LINK: Message = {
  1: TRACE_ID,
  2: SPAN_ID,
  3: TRACE_STATE,
  4: ATTRIBUTES,
  5: DROPPED_ATTRIBUTES,
  6: { name: "flags", type: "fixed32" },
};

const STATUS: Message = { 2: { name: "message", type: "string" }, 3: { name: "code", type: "uint32" } };

const SPAN: Message = {
  1: TRACE_ID,
  2: SPAN_ID,
  3: TRACE_STATE,
  4: { name: "parentSpanId", type: "id" },
  5: { name: "name", type: "string" },
  6: { name: "kind", type: "uint32" },
  7: { name: "startTimeUnixNano", type: "fixed64" },
  8: { name: "endTimeUnixNano", type: "fixed64" },
  9: ATTRIBUTES,
  10: DROPPED_ATTRIBUTES,
  11: { name: "events", type: () => EVENT, isRepeated: true },
  12: { name: "droppedEventsCount", type: "uint32" },
  13: { name: "links", type: () => LINK, isRepeated: true },
  14: { name: "droppedLinksCount", type: "uint32" },
  15: { name: "status", type: () => STATUS },
  16: { name: "flags", type: "fixed32" },
};

const SCOPE: Message = {
  1: { name: "name", type: "string" },
  2: { name: "version", type: "string" },
  3: ATTRIBUTES,
  4: DROPPED_ATTRIBUTES,
};

const SCOPE_SPANS: Message = {
  1: { name: "scope", type: () => SCOPE },
  2: { name: "spans", type: () => SPAN, isRepeated: true },
  3: { name: "schemaUrl", type: "string" },
};

const RESOURCE_SPANS: Message = {
  1: { name: "resource", type: () => ({ 1: ATTRIBUTES, 2: DROPPED_ATTRIBUTES }) },
  2: { name: "scopeSpans", type: () => SCOPE_SPANS, isRepeated: true },
  3: { name: "schemaUrl", type: "string" },
};

const REQUEST: Message = { 1: { name: "resourceSpans", type: () => RESOURCE_SPANS, isRepeated: true } };

/**
 * An `ExportTraceServiceRequest` as OTLP/JSON.
 *
 * @throws OtlpValidationError if the bytes are none
 */
export function requestToJson(bytes: Uint8Array): string {
  try {
    // An empty list takes no bytes.
    return JSON.stringify({ resourceSpans: [], ...readMessage(bytes, REQUEST) });
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    throw new OtlpValidationError([{ path: error.path === "" ? "$" : error.path, message: error.message }]);
  }
}

/** What an answer may say, in the names of OTLP/JSON: an `ExportTraceServiceResponse`, or a `google.rpc.Status`. */
interface AnswerJson {
  readonly partialSuccess?: { readonly rejectedSpans?: string | number; readonly errorMessage?: string };
  readonly code?: number;
  readonly message?: string;
}

/** The bytes of an answer. */
export function answerBytes({ partialSuccess, code, message }: AnswerJson): Uint8Array {
  if (partialSuccess === undefined) return Buffer.concat([varintField(1, code), textField(2, message)]);
  const { rejectedSpans, errorMessage } = partialSuccess;
  return field(1, Buffer.concat([varintField(1, rejectedSpans), textField(2, errorMessage)]));
}

function varintField(number: number, value: string | number | undefined): Uint8Array {
  return value === undefined || Number(value) === 0
    ? new Uint8Array()
    : Buffer.from([number << 3, ...varint(BigInt(value))]);
}

function textField(number: number, text = ""): Uint8Array {
  return text === "" ? new Uint8Array() : field(number, Buffer.from(text));
}

function field(number: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(BigInt(content.length))]), content]);
}

function varint(value: bigint): number[] {
  return value < 0x80n ? [Number(value)] : [Number(value & 0x7fn) | 0x80, ...varint(value >> 7n)];
}
