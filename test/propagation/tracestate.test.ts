/** The `tracestate` codec at the strict level of the W3C suite, its limits, and how members are changed. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatTracestate,
  getMember,
  parseTracestate,
  removeMember,
  setMember,
  type TracestateMember,
} from "../../src/propagation/index.js";
import { anything, runs, tracestateMembers } from "./arbitraries.js";

function member(key: string, value: string): TracestateMember {
  return { key, value };
}

function numbered(count: number): TracestateMember[] {
  return Array.from({ length: count }, (_, at) => member(`k${at}`, `${at}`));
}

function text(members: readonly TracestateMember[]): string {
  return members.map(({ key, value }) => `${key}=${value}`).join(",");
}

describe("parseTracestate", () => {
  it.each([
    ["one member", "foo=1", [member("foo", "1")]],
    ["order is kept", "b=2,a=1", [member("b", "2"), member("a", "1")]],
    ["empty text", "", []],
    ["only commas and whitespace", " ,\t, ,", []],
    ["empty members are skipped", ",foo=1,,bar=2,", [member("foo", "1"), member("bar", "2")]],
    ["whitespace around members", " foo=1 \t, bar=2\t", [member("foo", "1"), member("bar", "2")]],
    ["spaces that lead a value belong to it", "foo=  1", [member("foo", "  1")]],
    ["spaces inside a value", "foo=a b", [member("foo", "a b")]],
    ["key starts with a digit (level 2)", "0foo=1", [member("0foo", "1")]],
    ["key with several @ (level 2)", "a@b@c=1", [member("a@b@c", "1")]],
    ["key ends with @ (level 2)", "a@=1", [member("a@", "1")]],
    ["all punctuation of a key", "a_-*/@=1", [member("a_-*/@", "1")]],
    ["longest key", `${"k".repeat(256)}=1`, [member("k".repeat(256), "1")]],
    ["longest value", `k=${"v".repeat(256)}`, [member("k", "v".repeat(256))]],
    ["of the same key the left-most is kept", "foo=1,bar=2,foo=3", [member("foo", "1"), member("bar", "2")]],
    ["32 members", text(numbered(32)), numbered(32)],
    ["32 members and empty ones", `,${text(numbered(32))},,`, numbered(32)],
  ])("reads: %s", (_, header, expected) => {
    expect(parseTracestate(header)).toStrictEqual(expected);
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
    ["33 members", text(numbered(33))],
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
        const members = parseTracestate(value);
        if (members === undefined || text(members).length > 512) return;
        expect(parseTracestate(formatTracestate(members))).toStrictEqual(members);
      }),
      runs,
    );
  });

  it("reads huge input in one pass", () => {
    expect(parseTracestate(",".repeat(5_000_000))).toStrictEqual([]);
    expect(parseTracestate("a".repeat(5_000_000))).toBeUndefined();
    expect(parseTracestate("a=1,".repeat(1_000_000))).toBeUndefined();
  });
});

describe("formatTracestate", () => {
  it("is the inverse of parseTracestate", () => {
    fc.assert(
      fc.property(tracestateMembers(12, 20), (members) => {
        expect(parseTracestate(formatTracestate(members))).toStrictEqual(members);
      }),
      runs,
    );
  });

  it("writes nothing for nothing", () => {
    expect(formatTracestate([])).toBe("");
  });

  it("keeps 32 members, from the left", () => {
    expect(formatTracestate(numbered(40))).toBe(text(numbered(32)));
  });

  it("leaves out illegal members and repeated keys", () => {
    const members = [member("ok", "1"), member("NO", "1"), member("no", "a,b"), member("", "1"), member("no", "")];
    expect(formatTracestate([...members, member("ok", "2"), member("too", "2")])).toBe("ok=1,too=2");
  });

  it("leaves out what plain JavaScript may put there", () => {
    const members: TracestateMember[] = JSON.parse('[{"key":1,"value":"1"},{"key":"a"},{"key":"b","value":"1"}]');
    expect(formatTracestate(members)).toBe("b=1");
  });

  it("writes exactly 512 characters", () => {
    const members = [member("a", "x".repeat(255)), member("b", "y".repeat(252))];
    expect(text(members)).toHaveLength(512);
    expect(formatTracestate(members)).toBe(text(members));
  });

  it("drops a member over 128 characters first, although it is the left-most", () => {
    const small = Array.from({ length: 4 }, (_, at) => member(`s${at}`, "x".repeat(100)));
    expect(formatTracestate([member("big", "x".repeat(130)), ...small])).toBe(text(small));
  });

  it("drops no more large members than it must, the right-most first", () => {
    const [first, second, third] = ["a", "b", "c"].map((key) => member(key, "x".repeat(200)));
    if (first === undefined || second === undefined || third === undefined) throw new Error("three members expected");
    const small = member("d", "1");
    expect(formatTracestate([first, second, third, small])).toBe(text([first, second, small]));
  });

  it("keeps a member of exactly 128 characters as long as there are larger ones", () => {
    const limit = member("m", "x".repeat(126));
    const large = member("l", "x".repeat(127));
    const rest = Array.from({ length: 3 }, (_, at) => member(`s${at}`, "x".repeat(100)));
    expect(formatTracestate([large, limit, ...rest])).toBe(text([limit, ...rest]));
  });

  it("drops from the right where no member is large", () => {
    const small = Array.from({ length: 6 }, (_, at) => member(`s${at}`, "x".repeat(100)));
    expect(formatTracestate(small)).toBe(text(small.slice(0, 4)));
  });

  it("keeps to the limits, never cuts a member, never changes the order", () => {
    fc.assert(
      fc.property(tracestateMembers(40, 256), (members) => {
        const written = formatTracestate(members);
        const kept = parseTracestate(written);
        expect(written.length).toBeLessThanOrEqual(512);
        expect(kept).toStrictEqual(members.filter(({ key }) => kept?.some((other) => other.key === key)));
      }),
      runs,
    );
  });
});

describe("members", () => {
  const members = [member("a", "1"), member("b", "2")];

  it("getMember finds by key", () => {
    expect(getMember(members, "b")).toBe("2");
    expect(getMember(members, "c")).toBeUndefined();
  });

  it("setMember adds on the left", () => {
    expect(setMember(members, "c", "3")).toStrictEqual([member("c", "3"), ...members]);
  });

  it("setMember moves what it changes to the left and keeps the order of the rest", () => {
    expect(setMember(members, "b", "3")).toStrictEqual([member("b", "3"), member("a", "1")]);
  });

  it.each([
    ["B", "1"],
    ["b", "1,2"],
    ["b", ""],
    ["", "1"],
  ])("setMember ignores the illegal member %s=%s", (key, value) => {
    expect(setMember(members, key, value)).toStrictEqual(members);
  });

  it("removeMember removes, and leaves the rest alone", () => {
    expect(removeMember(members, "a")).toStrictEqual([member("b", "2")]);
    expect(removeMember(members, "c")).toStrictEqual(members);
  });

  it("none of them changes the list it is given", () => {
    const frozen = Object.freeze([...members]);
    setMember(frozen, "a", "9");
    removeMember(frozen, "a");
    expect(frozen).toStrictEqual(members);
  });
});
