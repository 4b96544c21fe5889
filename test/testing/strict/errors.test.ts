/** Errors of called functions: `crates/isolate/src/environment/helpers/promise.rs` of get-convex/convex-backend makes new ones. */
import { describe, expect, it } from "vitest";
import { startRules } from "./rules.js";

describe("an error of a called function", () => {
  it.each(["fromAction", "fromMutation"])("%s: is a plain error, or a ConvexError with its data", async (name) => {
    const backend = await startRules();
    const [special, data, text] = (await backend[name === "fromAction" ? "action" : "mutation"](
      `errors:${name}`,
    )) as unknown[][];
    expect(special).toEqual([true, false, false, "no code", "no data"]);
    expect(data).toEqual([false, false, true, "no code", 7n]);
    expect(text).toEqual([true, false, false, "no code", "no data"]);
  });

  it("is the same object within one function", async () => {
    const { mutation } = await startRules();
    expect(await mutation("errors:same")).toBe(true);
  });

  // https://docs.convex.dev/functions/validation
  it("comes from a result that its validator rejects, too", async () => {
    const { mutation } = await startRules();
    await expect(mutation("errors:returnsWrong")).rejects.toThrow(/Return value validation failed/);
  });
});
