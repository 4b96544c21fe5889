import { describe, expect, it } from "vitest";
import { encodeSpans } from "../../src/otlp/encode.js";
import { countSpans, splitText } from "../../src/otlp/split.js";
import { decode } from "./decodeOtlp.js";
import { resource, scope, spans } from "./spans.js";

const options = { resource, scope };

describe("countSpans", () => {
  it("is not misled by names, strings and links", () => {
    const tricky = { '"startTimeUnixNano":': '"startTimeUnixNano":"1"', startTimeUnixNano: "startTimeUnixNano" };
    const context = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 };
    const links = [{ context, attributes: tricky, droppedAttributesCount: 0 }];
    const list = spans(3, { name: '"startTimeUnixNano":', attributes: tricky, links });
    expect(countSpans(encodeSpans(list, options).text)).toBe(3);
  });

  it.each(["", "null", "{}", "not JSON"])("%j holds none", (text) => expect(countSpans(text)).toBe(0));
});

describe("splitText", () => {
  it("puts the first half first and keeps everything else", () => {
    const { text } = encodeSpans(spans(5), options);
    const [first, second] = splitText(text) ?? ["", ""];
    expect(decode(first).spans.map(({ name }) => name)).toEqual(["span 0", "span 1", "span 2"]);
    expect(decode(second).spans.map(({ name }) => name)).toEqual(["span 3", "span 4"]);
    const { spans: _spans, ...around } = decode(text);
    expect(decode(first)).toMatchObject(around);
    expect(decode(second)).toMatchObject(around);
  });

  it("splits across scopes and leaves none empty", () => {
    const text = JSON.stringify({
      scopeSpans: [
        { scope: 1, spans: [1, 2] },
        { scope: 2, spans: [3, 4] },
      ],
    });
    expect(splitText(text)?.map((half) => JSON.parse(half) as unknown)).toEqual([
      { scopeSpans: [{ scope: 1, spans: [1, 2] }] },
      { scopeSpans: [{ scope: 2, spans: [3, 4] }] },
    ]);
  });

  it.each([
    encodeSpans(spans(1), options).text,
    encodeSpans([], options).text,
    "",
    "null",
    "[]",
    '{"scopeSpans":5}',
    '{"scopeSpans":[null,{"spans":3}]}',
  ])("%#: cannot be split", (text) => expect(splitText(text)).toBeUndefined());
});
