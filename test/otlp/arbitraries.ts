/** Spans of any content, for the properties of the encoders. */
import fc from "fast-check";
import type { Attributes, AttributeValue, SpanRecord } from "../../src/core/types.js";

/** Strings of any characters. */
export const anyText = fc.string({ unit: "binary" });
/** Strings of any UTF-16 units, lone surrogates included. */
const brokenText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
  .map((u) => String.fromCharCode(...u));
const id = (digits: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: digits, maxLength: digits });

const primitive = fc.oneof(brokenText, fc.double(), fc.integer(), fc.maxSafeInteger(), fc.boolean(), fc.bigInt());
const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  primitive,
  fc.uint8Array({ maxLength: 50 }),
  fc.array(fc.option(brokenText)),
  fc.array(fc.option(fc.double(), { nil: undefined })),
  fc.array(fc.option(fc.boolean())),
  fc.array(fc.option(fc.bigInt())),
);
const attributes: fc.Arbitrary<Attributes> = fc.dictionary(anyText, fc.option(value, { nil: undefined }), {
  maxKeys: 6,
});
const context = fc.record({
  traceId: id(32),
  spanId: id(16),
  traceFlags: fc.integer({ min: 0, max: 255 }),
  isRemote: fc.boolean(),
});
const count = fc.nat(1000);
/** A finished span. */
export const record: fc.Arbitrary<SpanRecord> = fc.record({
  name: brokenText,
  kind: fc.constantFrom("internal", "server", "client", "producer", "consumer"),
  traceId: id(32),
  spanId: id(16),
  parentIsRemote: fc.boolean(),
  traceFlags: fc.integer({ min: 0, max: 255 }),
  startTime: fc.double(),
  endTime: fc.double(),
  attributes,
  events: fc.array(fc.record({ name: brokenText, time: fc.double(), attributes, droppedAttributesCount: count }), {
    maxLength: 3,
  }),
  links: fc.array(fc.record({ context, attributes, droppedAttributesCount: count }), { maxLength: 3 }),
  status: fc.record({ code: fc.constantFrom(0 as const, 1 as const, 2 as const), message: brokenText }),
  droppedAttributesCount: count,
  droppedEventsCount: count,
  droppedLinksCount: count,
});
