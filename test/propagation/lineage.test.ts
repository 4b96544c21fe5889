/** Our own `tracestate` member: exact round trips, hard limits, and patience with later versions. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatLineage, parseLineage, parseTracestate, type Lineage } from "../../src/propagation/index.js";
import { anything, lineage, runs } from "./arbitraries.js";

const ROOT = 1_760_000_000_000;

describe("formatLineage", () => {
  it.each<[string, Lineage, string]>([
    ["the least", { hops: 0, rootStartTime: ROOT }, `h:0;r:${ROOT}`],
    ["a call", { hops: 1, rootStartTime: ROOT, edge: "call" }, `h:1;r:${ROOT};e:c`],
    ["a nested call", { hops: 1, rootStartTime: ROOT, edge: "nested" }, `h:1;r:${ROOT};e:n`],
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
      `h:2;r:${ROOT};e:s;t:12534;d:5000;f:dir/mod:fn`,
    ],
    ["times before the root", { hops: 0, rootStartTime: 100, callerTime: 0, dueTime: 90 }, "h:0;r:100;t:-1000;d:-10"],
    ["times are rounded", { hops: 0, rootStartTime: 9.6, callerTime: 10.26, dueTime: 10.4 }, "h:0;r:10;t:3;d:0"],
    ["hops are clamped", { hops: 1e9, rootStartTime: 0 }, "h:1000000;r:0"],
    ["hops below zero", { hops: -3, rootStartTime: 0 }, "h:0;r:0"],
    ["hops that are no number", { hops: Number.NaN, rootStartTime: 0 }, "h:0;r:0"],
    ["endless hops", { hops: Number.POSITIVE_INFINITY, rootStartTime: 0 }, "h:1000000;r:0"],
    ["hops with a fraction", { hops: 1.9, rootStartTime: 0 }, "h:1;r:0"],
    ["root time that is none", { hops: 1, rootStartTime: Number.NaN }, "h:1;r:0"],
    ["root time below zero", { hops: 1, rootStartTime: -1 }, "h:1;r:0"],
    ["other times that are none", { hops: 1, rootStartTime: 1, callerTime: -1, dueTime: 1 / 0 }, "h:1;r:1"],
    ["times too large to be exact", { hops: 1, rootStartTime: 9.1e14, callerTime: 9.1e14, dueTime: 9.1e14 }, "h:1;r:0"],
    ["undefined fields", { hops: 1, rootStartTime: 1, edge: undefined, callee: undefined }, "h:1;r:1"],
    ["empty callee", { hops: 1, rootStartTime: 1, callee: "" }, "h:1;r:1"],
    ["callee with a comma", { hops: 1, rootStartTime: 1, callee: "a,b" }, "h:1;r:1"],
    ["callee with an equals sign", { hops: 1, rootStartTime: 1, callee: "a=b" }, "h:1;r:1"],
    ["callee with a semicolon", { hops: 1, rootStartTime: 1, callee: "a;h:9" }, "h:1;r:1"],
    ["callee with a space", { hops: 1, rootStartTime: 1, callee: "a b" }, "h:1;r:1"],
    ["callee outside ASCII", { hops: 1, rootStartTime: 1, callee: "é" }, "h:1;r:1"],
  ])("%s", (_, given, text) => {
    expect(formatLineage(given)).toBe(text);
  });

  it("writes a callee that fits to the last character, and leaves out a longer one", () => {
    const room = 256 - "h:1;r:1;f:".length;
    expect(formatLineage({ hops: 1, rootStartTime: 1, callee: "x".repeat(room) })).toHaveLength(256);
    expect(formatLineage({ hops: 1, rootStartTime: 1, callee: "x".repeat(room + 1) })).toBe("h:1;r:1");
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
        const value = formatLineage(given);
        const read = parseLineage(value);
        expect(parseTracestate(`cvx=${value}`)).toStrictEqual([{ key: "cvx", value }]);
        expect(read).toBeDefined();
        expect(read && formatLineage(read)).toBe(value);
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
    ["any order", "r:5;t:15;h:1", { hops: 1, rootStartTime: 5, callerTime: 6.5 }],
    ["fields of later versions", "v:9;h:1;xx:1;r:5;junk;:;z:", { hops: 1, rootStartTime: 5 }],
    ["edges of later versions", "h:1;r:5;e:q", { hops: 1, rootStartTime: 5 }],
    ["stray semicolons", ";h:1;;r:5;", { hops: 1, rootStartTime: 5 }],
    ["too many hops", "h:99999999999999999999;r:5", { hops: 1_000_000, rootStartTime: 5 }],
    ["minus zero", "h:-0;r:-0;t:-0;d:-0", { hops: 0, rootStartTime: 0, callerTime: 0, dueTime: 0 }],
    ["colons in a callee", "h:1;r:5;f:a:b:c", { hops: 1, rootStartTime: 5, callee: "a:b:c" }],
  ])("reads: %s", (_, text, expected) => {
    expect(parseLineage(text)).toStrictEqual(expected);
  });

  it.each([
    ["empty", ""],
    ["no hops", "r:5"],
    ["no root time", "h:1"],
    ["empty hops", "h:;r:5"],
    ["negative hops", "h:-1;r:5"],
    ["hops with a fraction", "h:1.5;r:5"],
    ["hops with an exponent", "h:1e3;r:5"],
    ["hops in hex", "h:0x1;r:5"],
    ["hops with spaces", "h: 1;r:5"],
    ["only a minus sign", "h:-;r:5"],
    ["negative root time", "h:1;r:-5"],
    ["infinite root time", "h:1;r:Infinity"],
    ["root time too large", "h:1;r:9007199254740993"],
    ["root time of too many digits", `h:1;r:${"9".repeat(240)}`],
    ["malformed caller time", "h:1;r:5;t:x"],
    ["caller time before the epoch", "h:1;r:5;t:-51"],
    ["caller time too large", `h:1;r:5;t:${"9".repeat(20)}`],
    ["malformed due time", "h:1;r:5;d:"],
    ["due time before the epoch", "h:1;r:5;d:-6"],
    ["due time too large", `h:1;r:5;d:${"9".repeat(20)}`],
    ["empty callee", "h:1;r:5;f:"],
    ["illegal callee", "h:1;r:5;f:a b"],
    ["too long", `h:1;r:5;z:${"x".repeat(250)}`],
    ["undefined", undefined],
    ["object", { hops: 1, rootStartTime: 5 }],
  ])("refuses: %s", (_, text) => {
    expect(parseLineage(text)).toBeUndefined();
  });

  it("never throws, and all numbers it returns are within bounds", () => {
    const fields = fc.array(fc.tuple(fc.constantFrom(..."hretdfz"), fc.oneof(fc.integer().map(String), fc.string())));
    const lookalike = fields.map((list) => list.map(([name, value]) => `${name}:${value}`).join(";"));
    fc.assert(
      fc.property(fc.oneof(anything, lookalike), (value) => {
        const read = parseLineage(value);
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
