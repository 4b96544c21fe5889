/** Our own `tracestate` member: exact round trips, hard limits, and patience with later versions. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatLineage, parseLineage, parseTracestate, type Lineage } from "../../src/propagation/index.js";
import { lineage, runs } from "./arbitraries.js";

const ROOT = 1_760_000_000_000;

/** Printable ASCII without the separators of lists and fields. */
const EVERY = Array.from({ length: 0x7e - 0x20 }, (_, at) => String.fromCharCode(0x21 + at))
  .join("")
  .replace(/[,;=]/g, "");

describe("formatLineage", () => {
  it.each<[string, Lineage, string]>([
    ["the least", { hops: 0, rootStartTime: ROOT }, `cvx=0;${ROOT};;;;`],
    ["a call", { hops: 1, rootStartTime: ROOT, edge: "call" }, `cvx=1;${ROOT};c;;;`],
    ["a nested call", { hops: 1, rootStartTime: ROOT, edge: "nested" }, `cvx=1;${ROOT};n;;;`],
    [
      "everything",
      {
        hops: 2,
        rootStartTime: ROOT,
        edge: "scheduled",
        callerTime: ROOT + 1253.4,
        dueTime: ROOT + 5000,
        callee: "dir/mod:fn",
      },
      `cvx=2;${ROOT};s;12534;5000;dir/mod:fn`,
    ],
    ["times before the root", { hops: 0, rootStartTime: 100, callerTime: 0, dueTime: 90 }, "cvx=0;100;;-1000;-10;"],
    ["times are rounded", { hops: 0, rootStartTime: 9.6, callerTime: 10.26, dueTime: 10.4 }, "cvx=0;10;;3;0;"],
    ["hops are clamped", { hops: 1e9, rootStartTime: 0 }, "cvx=1000000;0;;;;"],
    ["hops below zero", { hops: -3, rootStartTime: 0 }, "cvx=0;0;;;;"],
    ["hops that are no number", { hops: Number.NaN, rootStartTime: 0 }, "cvx=0;0;;;;"],
    ["endless hops", { hops: Number.POSITIVE_INFINITY, rootStartTime: 0 }, "cvx=1000000;0;;;;"],
    ["hops with a fraction", { hops: 1.9, rootStartTime: 0 }, "cvx=1;0;;;;"],
    ["root time that is none", { hops: 1, rootStartTime: Number.NaN }, "cvx=1;0;;;;"],
    ["root time below zero", { hops: 1, rootStartTime: -1 }, "cvx=1;0;;;;"],
    ["other times that are none", { hops: 1, rootStartTime: 1, callerTime: -1, dueTime: 1 / 0 }, "cvx=1;1;;;;"],
    [
      "times too large to be exact",
      { hops: 1, rootStartTime: 9.1e14, callerTime: 9.1e14, dueTime: 9.1e14 },
      "cvx=1;0;;;;",
    ],
    ["undefined fields", { hops: 1, rootStartTime: 1, edge: undefined, callee: undefined }, "cvx=1;1;;;;"],
    ["empty callee", { hops: 1, rootStartTime: 1, callee: "" }, "cvx=1;1;;;;"],
    ["callee with a comma", { hops: 1, rootStartTime: 1, callee: "a,b" }, "cvx=1;1;;;;"],
    ["callee with an equals sign", { hops: 1, rootStartTime: 1, callee: "a=b" }, "cvx=1;1;;;;"],
    ["callee with a semicolon", { hops: 1, rootStartTime: 1, callee: "a;9" }, "cvx=1;1;;;;"],
    ["callee with a space", { hops: 1, rootStartTime: 1, callee: "a b" }, "cvx=1;1;;;;"],
    ["callee outside ASCII", { hops: 1, rootStartTime: 1, callee: "é" }, "cvx=1;1;;;;"],
    ["every character a callee may have", { hops: 1, rootStartTime: 1, callee: EVERY }, `cvx=1;1;;;;${EVERY}`],
  ])("%s", (_, given, text) => {
    expect(formatLineage(given)).toBe(text);
  });

  it("writes a callee that fits to the last character, and leaves out a longer one", () => {
    const room = 256 - "1;1;;;;".length;
    const full = { hops: 1, rootStartTime: 1, callee: "x".repeat(room) };
    expect(formatLineage(full)).toHaveLength("cvx=".length + 256);
    expect(parseLineage(formatLineage(full))).toStrictEqual(full);
    expect(formatLineage({ ...full, callee: "x".repeat(room + 1) })).toBe("cvx=1;1;;;;");
  });

  it("can be read again, and is legal in a tracestate, whatever it is given", () => {
    const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(9e14, 8.64e15, 2 ** 53, -0));
    const any = fc.record(
      {
        hops: number,
        rootStartTime: number,
        edge: fc.constantFrom("call" as const, "nested" as const, "scheduled" as const),
        callerTime: number,
        dueTime: number,
        callee: fc.string({ unit: "binary", maxLength: 400 }),
      },
      { requiredKeys: ["hops", "rootStartTime"] },
    );
    fc.assert(
      fc.property(any, (given) => {
        const member = formatLineage(given);
        const read = parseLineage(member);
        expect(parseTracestate(member)).toBe(member);
        expect(read).toBeDefined();
        expect(read && formatLineage(read)).toBe(member);
      }),
      runs,
    );
  });

  it("is the inverse of parseLineage", () => {
    fc.assert(
      fc.property(lineage, (given) => {
        expect(parseLineage(formatLineage(given))).toStrictEqual(given);
      }),
      runs,
    );
  });
});

describe("parseLineage", () => {
  it.each<[string, string, Lineage]>([
    ["the least", "cvx=1;5;;;;", { hops: 1, rootStartTime: 5 }],
    [
      "fields of later versions",
      "cvx=1;5;;15;;a:b;9;junk",
      { hops: 1, rootStartTime: 5, callerTime: 6.5, callee: "a:b" },
    ],
    ["empty fields of later versions", "cvx=1;5;;;;;;", { hops: 1, rootStartTime: 5 }],
    ["edges of later versions", "cvx=1;5;q;;;", { hops: 1, rootStartTime: 5 }],
    ["longer edges of later versions", "cvx=1;5;again;;;f", { hops: 1, rootStartTime: 5, callee: "f" }],
    ["too many hops", "cvx=99999999999999999999;5;;;;", { hops: 1_000_000, rootStartTime: 5 }],
    ["minus zero", "cvx=-0;-0;;-0;-0;", { hops: 0, rootStartTime: 0, callerTime: 0, dueTime: 0 }],
    ["leading zeros", "cvx=001;05;;;;", { hops: 1, rootStartTime: 5 }],
    ["colons in a callee", "cvx=1;5;;;;a:b:c", { hops: 1, rootStartTime: 5, callee: "a:b:c" }],
  ])("reads: %s", (_, text, expected) => {
    expect(parseLineage(text)).toStrictEqual(expected);
  });

  it.each([
    ["empty", "cvx="],
    ["no hops", "cvx=;5;;;;"],
    ["no root time", "cvx=1;;;;;"],
    ["only hops", "cvx=1"],
    ["only hops and root time", "cvx=1;5"],
    ["no times", "cvx=1;5;c;"],
    ["no due time", "cvx=1;5;c;1"],
    ["cut before the callee", "cvx=1;5;c;1;2"],
    ["negative hops", "cvx=-1;5;;;;"],
    ["hops with a fraction", "cvx=1.5;5;;;;"],
    ["hops with an exponent", "cvx=1e3;5;;;;"],
    ["hops in hex", "cvx=0x1;5;;;;"],
    ["hops with spaces", "cvx= 1;5;;;;"],
    ["hops with a plus sign", "cvx=+1;5;;;;"],
    ["two minus signs", "cvx=1;5;;--1;;"],
    ["a minus sign behind", "cvx=1;5;;1-;;"],
    ["only a minus sign", "cvx=-;5;;;;"],
    ["character before 0", "cvx=/;5;;;;"],
    ["character after 9", "cvx=1:;5;;;;"],
    ["wide digit", "cvx=\uff11;5;;;;"],
    ["negative root time", "cvx=1;-5;;;;"],
    ["infinite root time", "cvx=1;Infinity;;;;"],
    ["root time too large", "cvx=1;9007199254740993;;;;"],
    ["root time of too many digits", `cvx=1;${"9".repeat(240)};;;;`],
    ["malformed caller time", "cvx=1;5;;x;;"],
    ["caller time that is a minus sign", "cvx=1;5;;-;;"],
    ["caller time before the epoch", "cvx=1;5;;-51;;"],
    ["caller time too large", `cvx=1;5;;${"9".repeat(20)};;`],
    ["malformed due time", "cvx=1;5;;;x;"],
    ["due time before the epoch", "cvx=1;5;;;-6;"],
    ["due time too large", `cvx=1;5;;;${"9".repeat(20)};`],
    ["illegal callee", "cvx=1;5;;;;a b"],
    ["callee that would end the member", "cvx=1;5;;;;a,b"],
    ["callee outside ASCII", "cvx=1;5;;;;é"],
    ["callee with a line break", "cvx=1;5;;;;a\n"],
    ["too long", `cvx=1;5;;;;;${"x".repeat(250)}`],
    ["another key", "xyz"],
  ])("refuses: %s", (_, text) => {
    expect(parseLineage(text)).toBeUndefined();
  });

  it("never throws, and all numbers it returns are within bounds", () => {
    const field = fc.oneof(fc.integer().map(String), fc.constantFrom("", "c", "n", "s", "-"), fc.string());
    const lookalike = fc.array(field, { minLength: 4, maxLength: 8 }).map((fields) => fields.join(";"));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), lookalike), (value) => {
        const read = parseLineage(`cvx=${value}`);
        if (read === undefined) return;
        expect(read.hops).toBeGreaterThanOrEqual(0);
        expect(read.hops).toBeLessThanOrEqual(1_000_000);
        for (const time of [read.rootStartTime, read.callerTime ?? 0, read.dueTime ?? 0]) {
          expect(Number.isFinite(time) && time >= 0).toBe(true);
        }
      }),
      runs,
    );
  });
});
