/**
 * The spans of one request, encoded as they end. Of a span only its bytes are kept: what it referred to can be collected
 * at once, and when the request is due, it only has to be put together.
 *
 * Loaded on servers only. In Convex functions spans travel as JSON text (../encode.ts).
 */
import type { InstrumentationScope, Resource, SpanRecord } from "../../core/types.js";
import { SCHEMA_URL, SCOPE_NAME, VERSION } from "../../semconv/version.js";
import { attributeFields } from "./attributeFields.js";
import { ProtoWriter, varintSize } from "./protoWriter.js";
import { spanMessage } from "./spanMessage.js";
import * as tags from "./tags.js";

/** This library, where a span names no other. */
const OWN_SCOPE: InstrumentationScope = { name: SCOPE_NAME, version: VERSION, schemaUrl: SCHEMA_URL };

/** The spans of one library: the content of a `ScopeSpans`. */
interface ScopeSpans {
  /** As it was first given, and what it said: some providers make a new object for each span. */
  readonly scope: InstrumentationScope;
  readonly name: string;
  readonly version: string | undefined;
  readonly schemaUrl: string | undefined;
  readonly writer: ProtoWriter;
  /** How many bytes there are before the first span. */
  readonly headBytes: number;
}

/** Spans of one request, encoded as they come. */
export class SpanBatch {
  /** `resource` and `schema_url` of the `ResourceSpans`. */
  readonly #head: Uint8Array;
  readonly #scopes: ScopeSpans[] = [];
  #latest: ScopeSpans | undefined;
  #spanCount = 0;

  constructor(resource: Resource) {
    this.#head = resourceFields(resource);
  }

  /** How many spans are in the request. */
  get spanCount(): number {
    return this.#spanCount;
  }

  /** How many bytes the request has so far: what {@link finish} would return. */
  get byteLength(): number {
    return this.#spanCount === 0 ? 0 : fieldSize(this.#contentSize());
  }

  /**
   * Encodes a span. Never throws.
   *
   * @param maxBytes - what the request may have with this span
   * @returns false if the request would have more, or if the span could not be encoded, because its own fields throw or its ids
   * are none: then it is not in the request
   */
  add(span: SpanRecord, maxBytes = Infinity): boolean {
    let writer: ProtoWriter | undefined;
    let before = 0;
    try {
      writer = this.#spansOf(span.scope ?? OWN_SCOPE).writer;
      before = writer.length;
      const start = writer.open(tags.SCOPE_SPANS_SPANS);
      if (spanMessage(writer, span)) {
        writer.close(start);
        this.#spanCount++;
        if (this.byteLength <= maxBytes) return true;
        this.#spanCount--;
      }
    } catch {
      // What is half written goes, as below.
    }
    writer?.rewind(before);
    return false;
  }

  /** The `ExportTraceServiceRequest`; empty without spans. The batch is not to be used afterwards. */
  finish(): Uint8Array {
    if (this.#spanCount === 0) return new Uint8Array(0);
    const size = this.#contentSize();
    const request = new ProtoWriter(fieldSize(size));
    request.varint(tags.REQUEST_RESOURCE_SPANS);
    request.varint(size);
    request.manyBytes(this.#head);
    for (const scope of this.#scopes) {
      if (!hasSpans(scope)) continue;
      request.varint(tags.RESOURCE_SPANS_SCOPE_SPANS);
      request.varint(scope.writer.length);
      request.manyBytes(scope.writer.bytes);
    }
    return request.bytes;
  }

  /** Of the `ResourceSpans`. */
  #contentSize(): number {
    let size = this.#head.length;
    for (const scope of this.#scopes) if (hasSpans(scope)) size += fieldSize(scope.writer.length);
    return size;
  }

  #spansOf(scope: InstrumentationScope): ScopeSpans {
    // Spans of a library mostly come in a row.
    if (this.#latest?.scope === scope) return this.#latest;
    const { name, version, schemaUrl } = scope;
    let spans = this.#scopes.find(
      (known) => known.name === name && known.version === version && known.schemaUrl === schemaUrl,
    );
    if (spans === undefined) {
      spans = startScope(scope);
      this.#scopes.push(spans);
    }
    return (this.#latest = spans);
  }
}

/** A scope whose only span could not be encoded is left out. */
function hasSpans({ writer, headBytes }: ScopeSpans): boolean {
  return writer.length > headBytes;
}

/** How many bytes a field takes whose tag has one byte. */
function fieldSize(content: number): number {
  return 1 + varintSize(content) + content;
}

function resourceFields({ attributes }: Resource): Uint8Array {
  const writer = new ProtoWriter();
  const start = writer.open(tags.RESOURCE_SPANS_RESOURCE);
  attributeFields(writer, tags.RESOURCE_ATTRIBUTES, attributes);
  writer.close(start);
  writer.textField(tags.RESOURCE_SPANS_SCHEMA_URL, SCHEMA_URL);
  return writer.bytes;
}

function startScope(scope: InstrumentationScope): ScopeSpans {
  const { name, version, schemaUrl } = scope;
  const writer = new ProtoWriter();
  const start = writer.open(tags.SCOPE_SPANS_SCOPE);
  writer.textField(tags.SCOPE_NAME_TAG, name);
  writer.textField(tags.SCOPE_VERSION, version);
  writer.close(start);
  writer.textField(tags.SCOPE_SPANS_SCHEMA_URL, schemaUrl);
  return { scope, name, version, schemaUrl, writer, headBytes: writer.length };
}
