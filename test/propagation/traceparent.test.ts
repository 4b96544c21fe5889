/** The `traceparent` codec: what is read, what is refused, and that nothing malformed is ever written. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatTraceparent, parseTraceparent, RANDOM, SAMPLED } from "../../src/propagation/index.js";
import { anything, runs, spanId, traceId } from "./arbitraries.js";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

describe("parseTraceparent", () => {
  it.each([
    ["not sampled", `00-${TRACE}-${SPAN}-00`, 0],
    ["sampled", `00-${TRACE}-${SPAN}-01`, SAMPLED],
    ["random", `00-${TRACE}-${SPAN}-02`, RANDOM],
    ["both flags", `00-${TRACE}-${SPAN}-03`, SAMPLED | RANDOM],
    ["unknown flags are dropped", `00-${TRACE}-${SPAN}-ff`, SAMPLED | RANDOM],
    ["unknown flags only", `00-${TRACE}-${SPAN}-f8`, 0],
    ["surrounding spaces", `  00-${TRACE}-${SPAN}-01  `, SAMPLED],
    ["surrounding tabs", `\t \t00-${TRACE}-${SPAN}-01\t \t`, SAMPLED],
    ["later version", `01-${TRACE}-${SPAN}-01`, SAMPLED],
    ["later version with more fields", `fe-${TRACE}-${SPAN}-01-more`, SAMPLED],
    ["later version with an empty field", `cc-${TRACE}-${SPAN}-01-`, SAMPLED],
  ])("reads: %s", (_, text, traceFlags) => {
    expect(parseTraceparent(text)).toStrictEqual({ traceId: TRACE, spanId: SPAN, traceFlags, isRemote: true });
  });

  it.each([
    ["empty", ""],
    ["only spaces", "    "],
    ["version ff", `ff-${TRACE}-${SPAN}-01`],
    ["version of other characters", `0g-${TRACE}-${SPAN}-01`],
    ["upper-case version", `CC-${TRACE}-${SPAN}-01`],
    ["upper-case trace id", `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ["upper-case span id", `00-${TRACE}-${SPAN.toUpperCase()}-01`],
    ["upper-case flags", `00-${TRACE}-${SPAN}-0A`],
    ["all-zero trace id", `00-${"0".repeat(32)}-${SPAN}-01`],
    ["all-zero span id", `00-${TRACE}-${"0".repeat(16)}-01`],
    ["character before 0", `00-/${TRACE.slice(1)}-${SPAN}-01`],
    ["character after 9", `00-:${TRACE.slice(1)}-${SPAN}-01`],
    ["character before a", `00-\`${TRACE.slice(1)}-${SPAN}-01`],
    ["character after f", `00-g${TRACE.slice(1)}-${SPAN}-01`],
    ["wide digit", `00-\uff10${TRACE.slice(1)}-${SPAN}-01`],
    ["other first separator", `00_${TRACE}-${SPAN}-01`],
    ["other second separator", `00-${TRACE}_${SPAN}-01`],
    ["other third separator", `00-${TRACE}-${SPAN}_01`],
    ["a digit in the wrong id", `00-${TRACE}0-${SPAN.slice(1)}-01`],
    ["a dash too early", `00-${TRACE.slice(1)}-0${SPAN}-01`],
    ["one character short", `00-${TRACE}-${SPAN}-0`],
    ["version 00 with more fields", `00-${TRACE}-${SPAN}-01-more`],
    ["later version, flags too long", `cc-${TRACE}-${SPAN}-011`],
    ["later version, no dash after the flags", `cc-${TRACE}-${SPAN}-01.more`],
    ["trailing line break", `00-${TRACE}-${SPAN}-01\n`],
    ["leading no-break space", `\u00a000-${TRACE}-${SPAN}-01`],
    ["two headers joined", `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
    ["undefined", undefined],
    ["null", null],
    ["number", 42],
    ["array of one", [`00-${TRACE}-${SPAN}-01`]],
    ["String object", Object(`00-${TRACE}-${SPAN}-01`)],
  ])("refuses: %s", (_, text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });

  it("never throws, and whatever it accepts is a valid context", () => {
    fc.assert(
      fc.property(anything, (value) => {
        const context = parseTraceparent(value);
        return context === undefined || formatTraceparent(context) !== undefined;
      }),
      runs,
    );
  });

  it("refuses every change of one character that leaves the grammar", () => {
    const original = `00-${TRACE}-${SPAN}-01`;
    for (let at = 0; at < original.length; at++) {
      const changed = `${original.slice(0, at)}.${original.slice(at + 1)}`;
      expect(parseTraceparent(changed), changed).toBeUndefined();
    }
  });

  it("copes with huge input", () => {
    expect(parseTraceparent("0".repeat(5_000_000))).toBeUndefined();
    expect(parseTraceparent(" ".repeat(5_000_000))).toBeUndefined();
  });
});

describe("formatTraceparent", () => {
  it.each([
    [0, "00"],
    [1, "01"],
    [2, "02"],
    [3, "03"],
    [0x10, "00"],
    [0xff, "03"],
    [0x101, "01"],
    [-1, "03"],
    [Number.NaN, "00"],
    [1.5, "01"],
  ])("writes flags %d as %s", (traceFlags, written) => {
    expect(formatTraceparent({ traceId: TRACE, spanId: SPAN, traceFlags })).toBe(`00-${TRACE}-${SPAN}-${written}`);
  });

  it("is the inverse of parseTraceparent", () => {
    fc.assert(
      fc.property(traceId, spanId, fc.integer({ min: 0, max: 3 }), (trace, span, traceFlags) => {
        const context = { traceId: trace, spanId: span, traceFlags, isRemote: true };
        const text = formatTraceparent(context);
        expect(parseTraceparent(text)).toStrictEqual(context);
        expect(formatTraceparent(context)).toBe(text);
      }),
      runs,
    );
  });

  it("can be read again whatever the flags are", () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.double()), (traceFlags) => {
        expect(parseTraceparent(formatTraceparent({ traceId: TRACE, spanId: SPAN, traceFlags }))).toBeDefined();
      }),
      runs,
    );
  });

  it.each([
    ["all-zero trace id", "0".repeat(32), SPAN],
    ["all-zero span id", TRACE, "0".repeat(16)],
    ["upper case", TRACE.toUpperCase(), SPAN],
    ["short trace id", TRACE.slice(1), SPAN],
    ["long trace id", `${TRACE}0`, SPAN],
    ["short span id", TRACE, SPAN.slice(1)],
    ["long span id", TRACE, `${SPAN}0`],
    ["a digit in the wrong id", TRACE.slice(1), `${SPAN}0`],
    ["line break", `${TRACE.slice(0, 31)}\n`, SPAN],
    ["dash", `${TRACE.slice(0, 31)}-`, SPAN],
    ["empty", "", ""],
  ])("writes nothing for ids that may not be sent: %s", (_, trace, span) => {
    expect(formatTraceparent({ traceId: trace, spanId: span, traceFlags: 0 })).toBeUndefined();
  });

  it.each([
    ["numbers", 1, 2],
    ["null", null, undefined],
    ["lists", TRACE.split(""), SPAN.split("")],
    ["symbols", Symbol("trace"), Symbol("span")],
  ])("writes nothing for what plain JavaScript may put there: %s", (_, trace, span) => {
    const context = { traceId: trace, spanId: span, traceFlags: 0 };
    expect(Reflect.apply(formatTraceparent, undefined, [context])).toBeUndefined();
  });
});
