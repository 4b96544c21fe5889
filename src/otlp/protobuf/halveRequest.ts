/**
 * Cuts a request that a backend finds too large in two, between its spans. Spans are not decoded: their bytes are
 * only put together anew.
 */
import { fieldsOf, type ProtoField } from "./protoReader.js";
import { ProtoWriter } from "./protoWriter.js";
import { REQUEST_RESOURCE_SPANS, RESOURCE_SPANS_SCOPE_SPANS, SCOPE_SPANS_SPANS } from "./tags.js";

/** Bytes of a request, and how many spans they hold. */
export interface EncodedRequest {
  /** An `ExportTraceServiceRequest`. */
  readonly bytes: Uint8Array;
  readonly spanCount: number;
}

/** A message, apart from the fields of one number in it. */
interface Opened {
  readonly parts: readonly ProtoField[];
  readonly others: readonly ProtoField[];
}

/** Two requests with half of the spans each; undefined if there are fewer than two, or the bytes are no request of ours. */
export function halveRequest({
  bytes,
  spanCount,
}: EncodedRequest): readonly [EncodedRequest, EncodedRequest] | undefined {
  if (spanCount < 2) return undefined;
  const resource = openOnly(bytes);
  const scopes = resource?.parts.map(({ content }) => open(content, SCOPE_SPANS_SPANS));
  if (resource === undefined || scopes === undefined || !scopes.every((scope) => scope !== undefined)) return undefined;
  const middle = Math.ceil(spanCount / 2);
  return [
    { bytes: slice(resource, scopes, 0, middle), spanCount: middle },
    { bytes: slice(resource, scopes, middle, spanCount), spanCount: spanCount - middle },
  ];
}

/** The one `ResourceSpans` of a request. */
function openOnly(request: Uint8Array): Opened | undefined {
  const [resourceSpans, ...others] = fieldsOf(request) ?? [];
  return resourceSpans === undefined || others.length > 0
    ? undefined
    : open(resourceSpans.content, RESOURCE_SPANS_SCOPE_SPANS);
}

function open(message: Uint8Array, tag: number): Opened | undefined {
  const fields = fieldsOf(message);
  const isPart = ({ number }: ProtoField) => number === tag >>> 3;
  return fields && { parts: fields.filter(isPart), others: fields.filter((field) => !isPart(field)) };
}

/** The request with the spans from `from` up to `to`, counted over all scopes; scopes left empty are left out. */
function slice(resource: Opened, scopes: readonly Opened[], from: number, to: number): Uint8Array {
  const writer = new ProtoWriter();
  const request = writer.open(REQUEST_RESOURCE_SPANS);
  copy(writer, resource.others);
  let before = 0;
  for (const { parts, others } of scopes) {
    const spans = parts.slice(Math.max(0, from - before), Math.max(0, to - before));
    before += parts.length;
    if (spans.length === 0) continue;
    const scope = writer.open(RESOURCE_SPANS_SCOPE_SPANS);
    copy(writer, others);
    copy(writer, spans);
    writer.close(scope);
  }
  writer.close(request);
  return writer.bytes;
}

function copy(writer: ProtoWriter, fields: readonly ProtoField[]): void {
  for (const { bytes } of fields) {
    writer.reserve(bytes.length);
    writer.manyBytes(bytes);
  }
}
