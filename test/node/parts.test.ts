/** The small parts of a server's set-up that time and repetition decide. */
import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../src/core/ports.js";
import { atIntervals } from "../../src/node/report.js";
import { wallClock } from "../../src/node/wallClock.js";
import { within } from "../../src/node/within.js";

describe("the clock of spans", () => {
  it("is as fine as the fine clock, and follows the system's when that is set", () => {
    let wall = 1_000_000;
    let fine = 50;
    const clock = wallClock(
      () => wall,
      () => fine,
    );
    expect(clock.now()).toBe(1_000_000);
    fine += 0.25;
    expect(clock.now()).toBe(1_000_000.25);
    // Coarse or slightly off: no step backwards.
    wall -= 90;
    fine += 1;
    expect(clock.now()).toBe(1_000_001.25);
    // Set, or slept: followed a millisecond later at the latest.
    wall += 3_600_000;
    fine += 0.5;
    expect(clock.now()).toBe(1_000_001.75);
    fine += 0.5;
    expect(clock.now()).toBe(wall);
    fine += 2;
    wall += 2;
    expect(clock.now()).toBe(wall);
    expect(clock.at(fine - 10)).toBe(wall - 10);
  });
});

describe("reports", () => {
  it("come once a minute for each code, with what was lost meanwhile", () => {
    let now = 0;
    const said: Diagnostic[] = [];
    const report = atIntervals(
      (diagnostic) => said.push(diagnostic),
      () => now,
    );
    const lose = (code: string) => report({ level: "error", code, message: "Lost.", droppedSpans: 2 });
    lose("a");
    lose("a");
    lose("b");
    now = 59_999;
    lose("a");
    now = 60_000;
    lose("a");
    expect(said.map(({ code, message, droppedSpans }) => [code, message, droppedSpans])).toEqual([
      ["a", "Lost.", 2],
      ["b", "Lost.", 2],
      ["a", "Lost. 6 spans were lost since this was last said.", 6],
    ]);
  });
});

describe("waiting", () => {
  it("ends with the promise, however that ends, or when time is up", async () => {
    expect(await within(Promise.resolve(), 10_000)).toBe("done");
    expect(await within(Promise.reject(new Error("no")), 10_000)).toBe("done");
    expect(await within(new Promise(() => undefined), 1)).toBe("late");
  });
});
