/** Limits: what wins, and what is ignored. */
import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS, resolveLimits } from "../../src/core/limits.js";

function resolve(code: object, variables: Record<string, string>) {
  const reports: string[] = [];
  const limits = resolveLimits(code, (name) => variables[name], ({ message }) => reports.push(message)); // prettier-ignore
  return { limits, reports };
}

describe("limits", () => {
  it("are the specification's where nothing is set", () => {
    expect(resolve({}, {})).toEqual({ limits: DEFAULT_LIMITS, reports: [] });
  });

  it.each([
    [{ OTEL_ATTRIBUTE_COUNT_LIMIT: "5" }, { attributeCount: 5 }],
    [{ OTEL_ATTRIBUTE_COUNT_LIMIT: "5", OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "6" }, { attributeCount: 6 }],
    [{ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: "9" }, { attributeValueLength: 9 }],
    [
      { OTEL_SPAN_EVENT_COUNT_LIMIT: " 1 ", OTEL_SPAN_LINK_COUNT_LIMIT: "0" },
      { eventCount: 1, linkCount: 0 },
    ],
    [{ OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT: "3" }, { attributePerEventCount: 3 }],
    [{ OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: "4" }, { attributePerLinkCount: 4 }],
  ])("%o", (variables, expected) => {
    expect(resolve({}, variables)).toEqual({ limits: { ...DEFAULT_LIMITS, ...expected }, reports: [] });
  });

  it("of the code win", () => {
    expect(resolve({ attributeCount: 1, spanCount: 2 }, { OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "6" }).limits).toMatchObject(
      {
        attributeCount: 1,
        spanCount: 2,
      },
    );
  });

  it.each(["lots", "-1", "1.5", "99999999999"])("ignore and report %s", (value) => {
    const { limits, reports } = resolve({}, { OTEL_SPAN_EVENT_COUNT_LIMIT: value });
    expect(limits).toEqual(DEFAULT_LIMITS);
    expect(reports).toEqual([expect.stringContaining("OTEL_SPAN_EVENT_COUNT_LIMIT is not a whole number")]);
  });
});
