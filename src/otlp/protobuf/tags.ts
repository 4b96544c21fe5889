/**
 * Tags of the messages that a trace request consists of: the number of the field, shifted by three, and how it is
 * written (0 varint, 1 eight bytes, 2 with its length, 5 four bytes).
 *
 * Field numbers: opentelemetry-proto v1.11.0, `common.proto`, `resource.proto`, `trace.proto`, `trace_service.proto`.
 */

/** `ExportTraceServiceRequest`. */
export const REQUEST_RESOURCE_SPANS = (1 << 3) | 2;

export const RESOURCE_SPANS_RESOURCE = (1 << 3) | 2;
export const RESOURCE_SPANS_SCOPE_SPANS = (2 << 3) | 2;
export const RESOURCE_SPANS_SCHEMA_URL = (3 << 3) | 2;

export const RESOURCE_ATTRIBUTES = (1 << 3) | 2;

export const SCOPE_SPANS_SCOPE = (1 << 3) | 2;
export const SCOPE_SPANS_SPANS = (2 << 3) | 2;
export const SCOPE_SPANS_SCHEMA_URL = (3 << 3) | 2;

export const SCOPE_NAME_TAG = (1 << 3) | 2;
export const SCOPE_VERSION = (2 << 3) | 2;

export const SPAN_TRACE_ID = (1 << 3) | 2;
export const SPAN_SPAN_ID = (2 << 3) | 2;
export const SPAN_TRACE_STATE = (3 << 3) | 2;
export const SPAN_PARENT_SPAN_ID = (4 << 3) | 2;
export const SPAN_NAME = (5 << 3) | 2;
export const SPAN_KIND = 6 << 3;
export const SPAN_START_TIME = (7 << 3) | 1;
export const SPAN_END_TIME = (8 << 3) | 1;
export const SPAN_ATTRIBUTES = (9 << 3) | 2;
export const SPAN_DROPPED_ATTRIBUTES = 10 << 3;
export const SPAN_EVENTS = (11 << 3) | 2;
export const SPAN_DROPPED_EVENTS = 12 << 3;
export const SPAN_LINKS = (13 << 3) | 2;
export const SPAN_DROPPED_LINKS = 14 << 3;
export const SPAN_STATUS = (15 << 3) | 2;
export const SPAN_FLAGS = (16 << 3) | 5;

export const STATUS_MESSAGE = (2 << 3) | 2;
export const STATUS_CODE = 3 << 3;

export const EVENT_TIME = (1 << 3) | 1;
export const EVENT_NAME = (2 << 3) | 2;
export const EVENT_ATTRIBUTES = (3 << 3) | 2;
export const EVENT_DROPPED_ATTRIBUTES = 4 << 3;

export const LINK_TRACE_ID = (1 << 3) | 2;
export const LINK_SPAN_ID = (2 << 3) | 2;
export const LINK_TRACE_STATE = (3 << 3) | 2;
export const LINK_ATTRIBUTES = (4 << 3) | 2;
export const LINK_DROPPED_ATTRIBUTES = 5 << 3;
export const LINK_FLAGS = (6 << 3) | 5;

export const KEY_VALUE_KEY = (1 << 3) | 2;
export const KEY_VALUE_VALUE = (2 << 3) | 2;

/** `AnyValue`, a oneof: its fields are written also where they are 0 or empty. */
export const VALUE_STRING = (1 << 3) | 2;
export const VALUE_BOOL = 2 << 3;
export const VALUE_INT = 3 << 3;
export const VALUE_DOUBLE = (4 << 3) | 1;
export const VALUE_ARRAY = (5 << 3) | 2;
export const VALUE_BYTES = (7 << 3) | 2;

export const ARRAY_VALUES = (1 << 3) | 2;
