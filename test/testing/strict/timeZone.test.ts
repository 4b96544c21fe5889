/** Local time: `initialize_v8` in `crates/isolate/src/client.rs` of get-convex/convex-backend sets the time zone to UTC. */
import { afterEach, describe, expect, it } from "vitest";
import { startRules } from "./rules.js";

const before = process.env["TZ"];

afterEach(() => {
  if (before === undefined) delete process.env["TZ"];
  else process.env["TZ"] = before;
});

const inUtc = {
  parts: [2020, 2, 1, 0, 0, 0],
  offset: 0,
  texts: [
    "Sun Mar 01 2020 00:00:00 GMT+0000 (Coordinated Universal Time)",
    "Sun Mar 01 2020",
    "00:00:00 GMT+0000 (Coordinated Universal Time)",
    "Invalid Date",
  ],
  zone: "UTC",
  made: "2020-07-01T10:00:00.000Z",
  parsed: [
    ["2020-07-01T00:00:00.000Z", true],
    ["2020-07-01T10:00:00.000Z", true],
    ["2020-07-01T10:00:00.000Z", true],
    ["2020-07-01T08:00:00.000Z", true],
    ["2020-07-01T10:00:00.000Z", true],
  ],
  rest: ["2020-03-01T05:06:00.123Z", true, NaN],
};

interface Read {
  readonly locale: readonly string[];
  readonly asked: string;
}

describe("local time", () => {
  it.each(["UTC", "America/New_York", "Asia/Kolkata"])("is UTC on a machine in %s", async (zone) => {
    process.env["TZ"] = zone;
    const { query } = await startRules();
    const read = (await query("zone:read")) as Read;
    expect(read).toMatchObject(inUtc);
    // The space before AM is not the same one in all versions of the locale data.
    expect(read.locale.map((text) => text.replace(/\s/gu, " "))).toEqual([
      "3/1/2020, 12:00:00 AM",
      "3/1/2020",
      "12:00:00 AM",
    ]);
    expect(read.asked.replace(/\s/gu, " ")).toBe("3/1/2020, 9:00:00 AM");
    expect(new Date(0).getTimezoneOffset() === 0).toBe(zone === "UTC");
  });
});

// `setupDate` in npm-packages/udf-runtime/src/setup.ts always makes an instance of the original class.
describe("a subclass of Date", () => {
  it("loses its methods", async () => {
    const { query } = await startRules();
    expect(await query("zone:subclass")).toEqual([true, "undefined", true]);
  });
});
