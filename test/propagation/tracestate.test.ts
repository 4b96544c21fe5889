/** The `tracestate` codec at the strict level of the W3C suite, its limits, and how members are changed. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTracestate, shortenTracestate } from "../../src/propagation/index.js";
import { anything, runs, tracestateList } from "./arbitraries.js";

function numbered(count: number): string {
  return Array.from({ length: count }, (_, at) => `k${at}=${at}`).join(",");
}

describe("parseTracestate", () => {
  it.each([
    ["one member", "foo=1", "foo=1"],
    ["order is kept", "b=2,a=1", "b=2,a=1"],
    ["empty text", "", ""],
    ["only commas and whitespace", " ,\t, ,", ""],
    ["empty members are skipped", ",foo=1,,bar=2,", "foo=1,bar=2"],
    ["whitespace around members", " foo=1 \t, bar=2\t", "foo=1,bar=2"],
    ["spaces that lead a value belong to it", "foo=  1", "foo=  1"],
    ["spaces inside a value", "foo=a b", "foo=a b"],
    ["key starts with a digit (level 2)", "0foo=1", "0foo=1"],
    ["key with several @ (level 2)", "a@b@c=1", "a@b@c=1"],
    ["key ends with @ (level 2)", "a@=1", "a@=1"],
    ["all punctuation of a key", "a_-*/@=1", "a_-*/@=1"],
    ["longest key", `${"k".repeat(256)}=1`, `${"k".repeat(256)}=1`],
    ["longest value", `k=${"v".repeat(256)}`, `k=${"v".repeat(256)}`],
    ["of the same key the left-most is kept", "foo=1,bar=2,foo=3", "foo=1,bar=2"],
    ["of many with the same key, too", "a=1,foo=1,a=2,bar=2,foo=3,foo=4,a=1", "a=1,foo=1,bar=2"],
    ["keys that end or start alike are not the same", "foo=1,oo=1,fo=1,foo1=1", "foo=1,oo=1,fo=1,foo1=1"],
    ["a value that looks like another key", "a=b,b=1,c=a", "a=b,b=1,c=a"],
    ["32 members", numbered(32), numbered(32)],
    ["32 members and empty ones", `,${numbered(32)},,`, numbered(32)],
  ])("reads: %s", (_, header, expected) => {
    expect(parseTracestate(header)).toBe(expected);
  });

  it.each([
    ["no equals sign", "foo"],
    ["empty key", "=1"],
    ["empty value", "foo="],
    ["value of spaces only", "foo=  "],
    ["equals sign in a value", "foo=bar=baz"],
    ["space before the equals sign", "foo =1"],
    ["upper-case key", "FOO=1"],
    ["upper-case letter inside a key", "fOo=1"],
    ["dot in a key", "foo.bar=1"],
    ["key starts with @", "@foo=1"],
    ["key starts with _", "_foo=1"],
    ["key too long", `${"k".repeat(257)}=1`],
    ["value too long", `k=${"v".repeat(257)}`],
    ["tab inside a value", "foo=a\tb"],
    ["line break", "foo=1\n"],
    ["DEL", "foo=\u007f"],
    ["not ASCII", "foo=é"],
    ["33 members", numbered(33)],
    ["33 members with the same key", Array.from({ length: 33 }, () => "foo=1").join(",")],
    ["undefined", undefined],
    ["null", null],
    ["array", ["foo=1"]],
    ["number", 1],
  ])("discards all: %s", (_, header) => {
    expect(parseTracestate(header)).toBeUndefined();
    if (typeof header === "string") expect(parseTracestate(`ok=1,${header},also=2`)).toBeUndefined();
  });

  it("never throws, and whatever it accepts can be written and read again", () => {
    fc.assert(
      fc.property(anything, (value) => {
        const list = parseTracestate(value);
        if (list === undefined) return;
        expect(parseTracestate(list)).toBe(list);
        expect(parseTracestate(shortenTracestate(list))).toBe(shortenTracestate(list));
      }),
      runs,
    );
  });

  it("reads huge input in one pass", () => {
    expect(parseTracestate(",".repeat(5_000_000))).toBe("");
    expect(parseTracestate("a".repeat(5_000_000))).toBeUndefined();
    expect(parseTracestate("a=1,".repeat(1_000_000))).toBeUndefined();
    expect(parseTracestate(`a=${" ".repeat(5_000_000)}`)).toBeUndefined();
    expect(parseTracestate(`a=1,${" ".repeat(5_000_000)}b=1`)).toBe("a=1,b=1");
  });
});

describe("shortenTracestate", () => {
  it("leaves alone what fits", () => {
    fc.assert(
      fc.property(tracestateList(12, 20), (list) => {
        expect(parseTracestate(list)).toBe(list);
        expect(shortenTracestate(list)).toBe(list);
      }),
      runs,
    );
  });

  it("leaves nothing of nothing", () => {
    expect(shortenTracestate("")).toBe("");
    expect(shortenTracestate("a=1", 2)).toBe("");
  });

  it("keeps exactly 512 characters", () => {
    const list = `a=${"x".repeat(255)},b=${"y".repeat(252)}`;
    expect(list).toHaveLength(512);
    expect(shortenTracestate(list)).toBe(list);
    expect(shortenTracestate(`${list}y`)).toBe(`a=${"x".repeat(255)}`);
  });

  it("drops a member over 128 characters first, although it is the left-most", () => {
    const small = Array.from({ length: 4 }, (_, at) => `s${at}=${"x".repeat(100)}`).join(",");
    expect(shortenTracestate(`big=${"x".repeat(130)},${small}`)).toBe(small);
  });

  it("drops no more large members than it must, the right-most first", () => {
    const [first, second, third] = ["a", "b", "c"].map((key) => `${key}=${"x".repeat(200)}`);
    expect(shortenTracestate(`${first},${second},${third},d=1`)).toBe(`${first},${second},d=1`);
  });

  it("keeps a member of exactly 128 characters as long as there are larger ones", () => {
    const limit = `m=${"x".repeat(126)}`;
    const large = `l=${"x".repeat(127)}`;
    const rest = Array.from({ length: 3 }, (_, at) => `s${at}=${"x".repeat(100)}`).join(",");
    expect(shortenTracestate(`${large},${limit},${rest}`)).toBe(`${limit},${rest}`);
  });

  it("drops from the right where no member is large", () => {
    const small = Array.from({ length: 6 }, (_, at) => `s${at}=${"x".repeat(100)}`);
    expect(shortenTracestate(small.join(","))).toBe(small.slice(0, 4).join(","));
  });

  it("keeps to the limits, never cuts a member, never changes the order", () => {
    fc.assert(
      fc.property(tracestateList(32, 256), (list) => {
        const kept = shortenTracestate(list);
        expect(kept.length).toBeLessThanOrEqual(512);
        expect(parseTracestate(kept)).toBe(kept);
        const members = kept.split(",");
        expect(kept).toBe(list.split(",").filter((member) => members.includes(member)).join(",")); // prettier-ignore
      }),
      runs,
    );
  });
});
