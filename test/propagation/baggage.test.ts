/** The `baggage` codec: grammar, percent-encoding, limits, and how entries are changed. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatBaggage, getBaggageEntry, parseBaggage } from "../../src/propagation/index.js";
import { anything, baggageEntry, runs } from "./arbitraries.js";

/** `baggage-octet` and the separators: all that may occur in the header as we write it. */
const LEGAL_HEADER = /^[\x21\x23-\x5b\x5d-\x7e]*$/;

describe("parseBaggage", () => {
  it.each([
    ["one entry", "k=v", [{ key: "k", value: "v" }]],
    ["order is kept", "b=2,a=1", [{ key: "b", value: "2" }, { key: "a", value: "1" }]], // prettier-ignore
    ["repeated keys are kept", "a=1,a=2", [{ key: "a", value: "1" }, { key: "a", value: "2" }]], // prettier-ignore
    ["empty value", "k=", [{ key: "k", value: "" }]],
    ["equals signs in a value", "k=a=b==", [{ key: "k", value: "a=b==" }]],
    ["case of keys matters", "K=1", [{ key: "K", value: "1" }]],
    ["a key is not decoded", "a%20b=1", [{ key: "a%20b", value: "1" }]],
    ["a value is decoded", "k=Am%C3%A9lie%20%2C", [{ key: "k", value: "Amélie ," }]],
    ["lower-case escapes", "k=%c3%a9", [{ key: "k", value: "é" }]],
    ["four-byte character", "k=%F0%9F%8C%8D", [{ key: "k", value: "🌍" }]],
    ["bytes that are not UTF-8", "k=a%FFb%C3", [{ key: "k", value: "a\ufffdb\ufffd" }]],
    ["a cut sequence before valid text", "k=%E2%82x%C3%A9", [{ key: "k", value: "\ufffdxé" }]],
    ["an encoded surrogate is no UTF-8", "k=%ED%A0%80", [{ key: "k", value: "\ufffd\ufffd\ufffd" }]],
    ["byte order mark is kept", "k=%EF%BB%BFa", [{ key: "k", value: "\ufeffa" }]],
    ["byte order mark is kept next to bad bytes", "k=%EF%BB%BFa%FF", [{ key: "k", value: "\ufeffa\ufffd" }]],
    ["a percent sign that starts no escape", "k=100%", [{ key: "k", value: "100%" }]],
    ["escapes that are none, with bad bytes", "k=%zz%4%FF", [{ key: "k", value: "%zz%4\ufffd" }]],
    ["plus is plus", "k=a+b", [{ key: "k", value: "a+b" }]],
    ["whitespace", " k \t=\t v ,\tl = w ", [{ key: "k", value: "v" }, { key: "l", value: "w" }]], // prettier-ignore
    ["property", "k=v;p", [{ key: "k", value: "v", properties: [{ key: "p" }] }]],
    ["property with a value", "k=v;p=1%202", [{ key: "k", value: "v", properties: [{ key: "p", value: "1 2" }] }]],
    ["property with an empty value", "k=v;p=", [{ key: "k", value: "v", properties: [{ key: "p", value: "" }] }]],
    [
      "properties",
      "k=v ; p = 1 ; q;p=2",
      [{ key: "k", value: "v", properties: [{ key: "p", value: "1" }, { key: "q" }, { key: "p", value: "2" }] }],
    ],
    ["stray semicolons", "k=v; ;,l=w;;p;", [{ key: "k", value: "v" }, { key: "l", value: "w", properties: [{ key: "p" }] }]], // prettier-ignore
  ])("reads: %s", (_, text, expected) => {
    expect(parseBaggage(text)).toStrictEqual(expected);
  });

  it.each([
    ["empty text", ""],
    ["only separators", " , ,,\t"],
    ["no equals sign", "k"],
    ["property without an entry", ";p=1"],
    ["empty key", "=v"],
    ["space in a key", "a b=v"],
    ["quoted key", '"k"=v'],
    ["slash in a key", "a/b=v"],
    ["not ASCII in a key", "é=v"],
    ["space in a value", "k=a b"],
    ["quotes", 'k="v"'],
    ["backslash", "k=a\\b"],
    ["not ASCII in a value", "k=é"],
    ["line break", "k=v\n"],
    ["illegal property key", "k=v;a b=1"],
    ["illegal property value", 'k=v;p="1"'],
    ["property without a key", "k=v;=1"],
  ])("drops the entry, and only that: %s", (_, text) => {
    expect(parseBaggage(text)).toStrictEqual([]);
    expect(parseBaggage(`first=1,${text},last=2`)).toStrictEqual([
      { key: "first", value: "1" },
      { key: "last", value: "2" },
    ]);
  });

  it.each([[undefined], [null], [1], [true], [["k=v"]], [{ k: "v" }]])("is empty for %j", (value) => {
    expect(parseBaggage(value)).toStrictEqual([]);
  });

  it("reads 64 entries and no more", () => {
    const text = Array.from({ length: 70 }, (_, at) => `k${at}=v`).join(",");
    expect(parseBaggage(text).map(({ key }) => key)).toStrictEqual(Array.from({ length: 64 }, (_, at) => `k${at}`));
  });

  it("reads 8192 bytes, and drops an entry that goes beyond as a whole", () => {
    const full = `a=${"x".repeat(8190)}`;
    expect(parseBaggage(full)).toHaveLength(1);
    expect(parseBaggage(`${full}x`)).toStrictEqual([]);
    expect(parseBaggage(`${full},b=1`).map(({ key }) => key)).toStrictEqual(["a"]);
    expect(parseBaggage(`a=${"x".repeat(9000)},b=1`).map(({ key }) => key)).toStrictEqual(["b"]);
  });

  it("does not count whitespace between entries", () => {
    expect(parseBaggage(`a=1,${" ".repeat(9000)}b=2`)).toHaveLength(2);
  });

  it("never throws, and whatever it reads can be written and read again", () => {
    fc.assert(
      fc.property(anything, (value) => {
        const entries = parseBaggage(value);
        expect(parseBaggage(formatBaggage(entries))).toStrictEqual(entries);
      }),
      runs,
    );
  });

  it("reads huge input in one pass", () => {
    expect(parseBaggage("a,".repeat(1_000_000))).toStrictEqual([]);
    expect(parseBaggage("a".repeat(5_000_000))).toStrictEqual([]);
    expect(parseBaggage(`k=v${";".repeat(5_000_000)}`)).toStrictEqual([]);
    expect(parseBaggage(`k=${"%FF".repeat(2_000_000)}`)).toStrictEqual([]);
  });
});

describe("formatBaggage", () => {
  it("is the inverse of parseBaggage", () => {
    fc.assert(
      fc.property(fc.array(baggageEntry, { maxLength: 8 }), (entries) => {
        const text = formatBaggage(entries);
        expect(parseBaggage(text)).toStrictEqual(entries);
        expect(text).toMatch(LEGAL_HEADER);
      }),
      runs,
    );
  });

  it.each([
    ["plain", "evt_1:a/b=c", "k=evt_1:a/b=c"],
    ["separators and spaces", "a,b;c d", "k=a%2Cb%3Bc%20d"],
    ["percent sign", "100%", "k=100%25"],
    ["quotes and backslash", '"\\', "k=%22%5C"],
    ["control characters", "\u0000\u007f\r\n", "k=%00%7F%0D%0A"],
    ["UTF-8", "Amélie 🌍", "k=Am%C3%A9lie%20%F0%9F%8C%8D"],
    ["lone surrogates become U+FFFD", "a\ud800b\udc00", "k=a%EF%BF%BDb%EF%BF%BD"],
    ["empty", "", "k="],
  ])("encodes no more than it must: %s", (_, value, text) => {
    expect(formatBaggage([{ key: "k", value }])).toBe(text);
  });

  it("writes properties", () => {
    const properties = [{ key: "p" }, { key: "q", value: "1 2" }, { key: "r", value: "" }];
    expect(formatBaggage([{ key: "k", value: "v", properties }])).toBe("k=v;p;q=1%202;r=");
    expect(formatBaggage([{ key: "k", value: "v", properties: [] }])).toBe("k=v");
  });

  it.each([
    ["empty key", { key: "", value: "v" }],
    ["key that is no token", { key: "a b", value: "v" }],
    ["key with an equals sign", { key: "a=b", value: "v" }],
    ["illegal property", { key: "k", value: "v", properties: [{ key: "fine" }, { key: "a;b" }] }],
  ])("leaves out the whole entry: %s", (_, entry) => {
    expect(formatBaggage([{ key: "a", value: "1" }, entry, { key: "b", value: "2" }])).toBe("a=1,b=2");
  });

  it("leaves out what plain JavaScript may put there", () => {
    const text =
      '[{"key":1,"value":"v"},{"key":"k"},{"key":"k","value":2},{"key":"k","value":null},{"key":"a","value":"1"}]';
    expect(formatBaggage(JSON.parse(text))).toBe("a=1");
  });

  it("writes 64 entries and no more", () => {
    const entries = Array.from({ length: 70 }, (_, at) => ({ key: `k${at}`, value: "v" }));
    expect(formatBaggage(entries)).toBe(formatBaggage(entries.slice(0, 64)));
  });

  it("writes 8192 bytes; what does not fit is left out as a whole, what still fits is not", () => {
    const full = { key: "a", value: "x".repeat(8190) };
    expect(formatBaggage([full])).toHaveLength(8192);
    expect(formatBaggage([{ key: "a", value: "x".repeat(8191) }])).toBe("");
    expect(formatBaggage([{ key: "a", value: "x".repeat(8180) }, full, { key: "b", value: "1" }])).toMatch(/x,b=1$/);
    expect(formatBaggage([{ key: "a", value: "é".repeat(1366) }])).toBe("");
  });

  it("keeps within the limits whatever it is given", () => {
    const large = fc.record({ key: fc.string(), value: fc.string({ unit: "binary", maxLength: 4000 }) });
    fc.assert(
      fc.property(fc.array(large, { maxLength: 100 }), (entries) => {
        const text = formatBaggage(entries);
        expect(text.length).toBeLessThanOrEqual(8192);
        expect(text).toMatch(LEGAL_HEADER);
        expect(formatBaggage(parseBaggage(text))).toBe(text);
      }),
      { ...runs, numRuns: 50 },
    );
  });
});

describe("entries", () => {
  const entries = [
    { key: "a", value: "1", properties: [{ key: "p" }] },
    { key: "b", value: "2" },
    { key: "a", value: "3" },
  ];

  it("getBaggageEntry takes the last of several", () => {
    expect(getBaggageEntry(entries, "a")).toStrictEqual({ key: "a", value: "3" });
    expect(getBaggageEntry(entries, "A")).toBeUndefined();
    expect(getBaggageEntry([], "a")).toBeUndefined();
  });
});
