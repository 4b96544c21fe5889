/**
 * What a trace request is made of, for protobufjs, a decoder that is not ours: field names and numbers of opentelemetry-proto
 * v1.11.0, as far as spans need them. That they are right shows what the SDK's serializer writes (protobufBatch.test.ts),
 * and a real Jaeger (test/e2e/jaeger.test.ts).
 */
import protobuf from "protobufjs";

const { root } = protobuf.parse(
  `syntax = "proto3";

   message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
   message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
   message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
   message ScopeSpans { InstrumentationScope scope = 1; repeated Span spans = 2; string schema_url = 3; }
   message InstrumentationScope {
     string name = 1; string version = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4;
   }
   message Span {
     bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5;
     uint32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
     repeated KeyValue attributes = 9; uint32 dropped_attributes_count = 10;
     repeated Event events = 11; uint32 dropped_events_count = 12;
     repeated Link links = 13; uint32 dropped_links_count = 14;
     Status status = 15; fixed32 flags = 16;
   }
   message Event {
     fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4;
   }
   message Link {
     bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4;
     uint32 dropped_attributes_count = 5; fixed32 flags = 6;
   }
   message Status { string message = 2; uint32 code = 3; }
   message KeyValue { string key = 1; AnyValue value = 2; }
   message AnyValue {
     oneof value {
       string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
       ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7;
     }
   }
   message ArrayValue { repeated AnyValue values = 1; }
   message KeyValueList { repeated KeyValue values = 1; }

   message ExportTraceServiceResponse { ExportTracePartialSuccess partial_success = 1; }
   message ExportTracePartialSuccess { int64 rejected_spans = 1; string error_message = 2; }
   message RpcStatus { int32 code = 1; string message = 2; }`,
);

const request = root.lookupType("ExportTraceServiceRequest");

/** JSON, as far as it occurs in a request. */
export type Json = undefined | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A request as it would stand in OTLP/JSON, in the form of {@link normalized}. */
export function decodeRequest(bytes: Uint8Array): Json {
  return normalized(request.toObject(request.decode(bytes), { longs: String, bytes: Buffer }));
}

/** How long the same request is as protobufjs writes it: no field twice or at its default, every number as short as can be. */
export function rewrittenSize(bytes: Uint8Array): number {
  return request.encode(request.decode(bytes)).finish().length;
}

/** Bytes of one of the messages that answer a request. */
export function encodeAnswer(
  type: "ExportTraceServiceResponse" | "RpcStatus",
  content: Readonly<Record<string, unknown>>,
): Uint8Array {
  const message = root.lookupType(type);
  return message.encode(message.fromObject(content)).finish();
}

/** What a field has when it is not in a message: JSON may say it, protobuf never does. */
function isDefault(value: Json): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === 0 || value === "0" || value === "";
}

/**
 * OTLP/JSON without fields that are at their default, ids as hexadecimal digits, bytes as base64. So requests in JSON and in
 * protobuf that say the same look the same.
 */
export function normalized(json: Json, key = ""): Json {
  if (json instanceof Uint8Array) return Buffer.from(json).toString(key.endsWith("Id") ? "hex" : "base64");
  if (Array.isArray(json)) return json.map((item: Json) => normalized(item));
  if (typeof json === "number" && !Number.isFinite(json)) return String(json);
  if (typeof json !== "object") return json;
  // What is in a `oneof` says something even if it is empty.
  const isAnyValue = key === "value" || key === "values" || Object.keys(json).some((name) => name.endsWith("Value"));
  const entries = Object.entries(json).map(([name, value]) => [name, normalized(value, name)] as const);
  const said = entries.filter(([name, value]) => (isAnyValue && name !== "values") || !isDefault(value));
  return said.length === 0 && key === "status" ? undefined : Object.fromEntries(said);
}
