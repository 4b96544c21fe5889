import { describe, expect, it } from "vitest";
import { fakeClock } from "../../src/testing/index.js";

describe("fakeClock", () => {
  it("stands still until it is moved", () => {
    const clock = fakeClock(1_000);
    expect([clock.now(), clock.now()]).toEqual([1_000, 1_000]);
    clock.advance(0.25);
    expect(clock.now()).toBe(1_000.25);
    clock.set(500);
    expect(clock.now()).toBe(500);
  });

  it("starts at a fixed moment", () => {
    expect(fakeClock().now()).toBe(Date.UTC(2023, 10, 14, 22, 13, 20));
  });

  it("moves by the step after each reading", () => {
    const clock = fakeClock(0, 5);
    expect([clock.now(), clock.now(), clock.now()]).toEqual([0, 5, 10]);
  });

  it("counts its readings, and nothing else", () => {
    const clock = fakeClock();
    clock.advance(1);
    clock.set(2);
    expect(clock.reads).toBe(0);
    clock.now();
    clock.now();
    expect(clock.reads).toBe(2);
  });

  it.each([
    ["a start that is no number", () => fakeClock(Number.NaN), "startMs is NaN"],
    ["a negative step", () => fakeClock(0, -1), "stepMs is -1"],
    ["going back with advance", () => fakeClock().advance(-5), "use set(ms) to go back"],
    ["an infinite time", () => fakeClock().set(Number.POSITIVE_INFINITY), "set(ms) is Infinity"],
  ])("refuses %s", (_, act, message) => {
    expect(act).toThrow(TypeError);
    expect(act).toThrow(message);
  });
});
