/**
 * W3C Baggage.
 *
 * The names of the cases, and what they ask for, are those of `test/test_baggage.py` in https://github.com/w3c/baggage
 * at commit 9af80f4da04efa3578055811a04b8c810761be38 (2025-06-18): all 24 of them. The tests are our own. Two differ
 * in what they compare, since the specification leaves the choice: we encode only what must be encoded, and propagate
 * 64 members, which is what everyone must, and no more.
 */
import { describe, expect, it } from "vitest";
import { formatBaggage, parseBaggage, type BaggageEntry } from "../../src/propagation/index.js";

const OWS = " \t ";
const ODD_VALUE = "\t \"';=asdf!@#$%^&*()";
/** The value above with everything encoded but letters. */
const ODD_ENCODED = "%09%20%22%27%3B%3Dasdf%21%40%23%24%25%5E%26%2A%28%29";
/** The same with only what must be. */
const ODD_WRITTEN = "%09%20%22'%3B=asdf!@#$%25^&*()";

function entry(key: string, value: string, ...properties: [key: string, value?: string][]): BaggageEntry {
  if (properties.length === 0) return { key, value };
  return {
    key,
    value,
    properties: properties.map(([name, text]) => (text === undefined ? { key: name } : { key: name, value: text })),
  };
}

/** Puts optional whitespace around every separator. */
function spaced(text: string): string {
  return text.replace(/[=;,]/g, (separator) => `${OWS}${separator}${OWS}`);
}

describe("BaggageTest", () => {
  const plain = "SomeKey=SomeValue;SomeProp,SomeKey2=SomeValue2;ValueProp=PropVal";
  const plainEntries = [
    entry("SomeKey", "SomeValue", ["SomeProp"]),
    entry("SomeKey2", "SomeValue2", ["ValueProp", "PropVal"]),
  ];
  const pairs = "SomeKey=SomeValue;SomePropKey=SomePropValue,SomeKey2=SomeValue2;SomePropKey2=SomePropValue2";
  const pairEntries = [
    entry("SomeKey", "SomeValue", ["SomePropKey", "SomePropValue"]),
    entry("SomeKey2", "SomeValue2", ["SomePropKey2", "SomePropValue2"]),
  ];

  it("test_ctor_default", () => {
    expect(parseBaggage("")).toStrictEqual([]);
    expect(formatBaggage([])).toBe("");
  });

  it("test_parse_simple", () => {
    expect(parseBaggage("SomeKey=SomeValue")).toStrictEqual([entry("SomeKey", "SomeValue")]);
  });

  it("test_parse_multiple", () => {
    expect(parseBaggage(plain)).toStrictEqual(plainEntries);
  });

  it("test_parse_multiple_ows", () => {
    expect(parseBaggage(spaced(plain))).toStrictEqual(plainEntries);
  });

  it("test_parse_multiple_kv_property", () => {
    expect(parseBaggage(pairs)).toStrictEqual(pairEntries);
  });

  it("test_parse_multiple_kv_property_ows", () => {
    expect(parseBaggage(spaced(pairs))).toStrictEqual(pairEntries);
  });
});

describe("BaggageEntryTest", () => {
  function expectEntry(text: string, expected: BaggageEntry): void {
    expect(parseBaggage(text)).toStrictEqual([expected]);
  }

  it("test_ctor_default", () => {
    expect(formatBaggage([entry("SomeKey", "SomeValue")])).toBe("SomeKey=SomeValue");
  });

  it("test_parse_simple", () => {
    expectEntry("SomeKey=SomeValue", entry("SomeKey", "SomeValue"));
  });

  it("test_parse_multiple_equals", () => {
    expectEntry("SomeKey=SomeValue=equals", entry("SomeKey", "SomeValue=equals"));
  });

  it("test_parse_percent_encoded", () => {
    expectEntry(`SomeKey=${ODD_ENCODED}`, entry("SomeKey", ODD_VALUE));
    expect(formatBaggage([entry("SomeKey", ODD_VALUE)])).toBe(`SomeKey=${ODD_WRITTEN}`);
    expectEntry(`SomeKey=${ODD_WRITTEN}`, entry("SomeKey", ODD_VALUE));
  });

  it("test_parse_property", () => {
    expectEntry("SomeKey=SomeValue;SomeProp", entry("SomeKey", "SomeValue", ["SomeProp"]));
  });

  it("test_parse_multi_property", () => {
    const expected = entry("SomeKey", "SomeValue", ["SomeProp"], ["SecondProp", "PropValue"]);
    expectEntry("SomeKey=SomeValue;SomeProp;SecondProp=PropValue", expected);
  });

  it("test_parse_multiple_properties_same_name", () => {
    expectEntry(
      "SomeKey=SomeValue;SomeProp;SomeProp=PropValue;SomeProp=AnotherPropValue",
      entry("SomeKey", "SomeValue", ["SomeProp"], ["SomeProp", "PropValue"], ["SomeProp", "AnotherPropValue"]),
    );
  });

  it("test_parse_kv_property", () => {
    const expected = entry("SomeKey", "SomeValue", ["SomePropKey", "SomePropValue"]);
    expectEntry("SomeKey=SomeValue;SomePropKey=SomePropValue", expected);
  });

  it("test_parse_simple_ows", () => {
    expectEntry(`${spaced("SomeKey=SomeValue")}${OWS}`, entry("SomeKey", "SomeValue"));
  });

  it("test_parse_percent_encoded_ows", () => {
    expectEntry(`SomeKey${OWS}=${OWS}${ODD_ENCODED}${OWS}`, entry("SomeKey", ODD_VALUE));
  });

  it("test_parse_property_ows", () => {
    expectEntry(spaced("SomeKey=SomeValue;SomeProp"), entry("SomeKey", "SomeValue", ["SomeProp"]));
  });

  it("test_parse_multi_property_ows", () => {
    const expected = entry("SomeKey", "SomeValue", ["SomeProp"], ["SecondProp", "PropValue"]);
    expectEntry(spaced("SomeKey=SomeValue;SomeProp;SecondProp=PropValue"), expected);
  });

  it("test_parse_kv_property_ows", () => {
    const expected = entry("SomeKey", "SomeValue", ["SomePropKey", "SomePropValue"]);
    expectEntry(spaced("SomeKey=SomeValue;SomePropKey=SomePropValue"), expected);
  });

  it("test_parse_percent_encoded_property", () => {
    const expected = entry("SomeKey", "SomeValue", ["SomePropKey", ODD_VALUE]);
    expectEntry(`SomeKey=SomeValue;SomePropKey=${ODD_ENCODED}`, expected);
    expect(formatBaggage([expected])).toBe(`SomeKey=SomeValue;SomePropKey=${ODD_WRITTEN}`);
  });

  it("test_parse_property_without_value_no_percent_decoding", () => {
    const property = "ValueProp%20%09%20%3D%20%09%20PropVal";
    expectEntry(`SomeKey=SomeValue;${property}`, entry("SomeKey", "SomeValue", [property]));
  });
});

describe("LimitsTest", () => {
  it("test_serialize_at_least_64", () => {
    const text = formatBaggage(Array.from({ length: 64 }, (_, at) => entry(`key${at}`, "value")));
    expect(text.split(",")).toHaveLength(64);
  });

  it("test_serialize_long_entry", () => {
    const value = "0123456789".repeat(819);
    expect(formatBaggage([entry("a", value)])).toBe(`a=${value}`);
    expect(parseBaggage(`a=${value}`)).toStrictEqual([entry("a", value)]);
  });

  it("test_serialize_many_entries", () => {
    const entries = Array.from({ length: 512 }, (_, at) => entry(String(at).padStart(3, "0"), "0123456789a"));
    const kept = parseBaggage(formatBaggage(entries));
    expect(kept).toStrictEqual(entries.slice(0, 64));
  });
});

describe("examples of HTTP_HEADER_FORMAT.md", () => {
  it("reads properties and whitespace", () => {
    const text = "key1=value1;property1;property2, key2 = value2, key3=value3; propertyKey=propertyValue";
    expect(parseBaggage(text)).toStrictEqual([
      entry("key1", "value1", ["property1"], ["property2"]),
      entry("key2", "value2"),
      entry("key3", "value3", ["propertyKey", "propertyValue"]),
    ]);
  });

  it.each([
    ["userId=alice,serverNode=DF%2028,isProduction=false", "alice"],
    ["userId=Am%C3%A9lie,serverNode=DF%2028,isProduction=false", "Amélie"],
    ["userId =   alice,serverNode = DF%2028, isProduction = false", "alice"],
  ])("reads %s", (text, userId) => {
    const entries = [entry("userId", userId), entry("serverNode", "DF 28"), entry("isProduction", "false")];
    expect(parseBaggage(text)).toStrictEqual(entries);
    expect(parseBaggage(formatBaggage(entries))).toStrictEqual(entries);
  });
});
