/** The console. Rules: `npm-packages/udf-runtime/src/02_console.ts` and `crates/common/src/log_lines.rs` of get-convex/convex-backend. */
import { describe, expect, it } from "vitest";
import { startRules } from "./rules.js";

describe("console lines", () => {
  it("have the level of their method, and strings in quotes", async () => {
    const { query, calls } = await startRules();
    await query("logs:levels");
    expect(calls[0]?.console.map(({ level, text }) => `${level} ${text}`)).toEqual([
      "DEBUG 'debug' 1",
      "INFO 'info' 1",
      "LOG 'log' 1",
      "WARN 'warn' 1",
      "ERROR 'error' 1",
    ]);
  });

  it("show values as object-inspect does, and what `inspect` methods return as it is", async () => {
    const { query, calls } = await startRules();
    await query("logs:values");
    expect(calls[0]?.console.map(({ text }) => text)).toEqual([
      "'it\\'s\\n' {\n  a: [ 1, 'b' ],\n  inner: {\n    c: null\n  }\n} [ undefined, 2n ] [Error: bad]",
      "raw text",
    ]);
  });

  it("of methods that Convex does not have are type errors", async () => {
    const { query } = await startRules();
    const methods = ["debug", "error", "info", "log", "warn", "trace", "time", "timeLog", "timeEnd"];
    expect(await query("logs:methods")).toEqual(methods);
    await expect(query("logs:table")).rejects.toThrow("console.table is not a function");
  });

  // MAX_LOG_LINES in crates/isolate/src/environment/helpers/mod.rs; `emit_log_line` in udf/mod.rs
  it("are 256 at most: the last one says that there were more", async () => {
    const { mutation, calls } = await startRules();
    await mutation("logs:many", { own: 255, nested: 0 });
    await mutation("logs:many", { own: 300, nested: 0 });
    expect(calls[0]?.console).toHaveLength(255);
    expect(calls[1]?.console).toHaveLength(256);
    expect(calls[1]?.console.at(-1)).toEqual({
      level: "ERROR",
      text: "Log overflow (maximum 256). Remaining log lines omitted.",
      isTruncated: false,
    });
  });

  // `emit_sub_function_log_lines` in udf/mod.rs
  it("of nested mutations count for the outermost one, those of an action's calls do not", async () => {
    const { mutation, action, calls } = await startRules();
    await mutation("logs:many", { own: 200, nested: 100 });
    await action("logs:manyFromAction", { own: 200, nested: 100 });
    expect(calls.map(({ console }) => console.length)).toEqual([200, 56, 200, 100]);
  });

  // MAX_LOG_LINE_LENGTH in crates/common/src/log_lines.rs
  it("are cut at 32768 bytes", async () => {
    const { query, calls } = await startRules();
    await query("logs:long", { letter: "é", length: 16_384 });
    await query("logs:long", { letter: "é", length: 16_385 });
    await query("logs:long", { letter: "e", length: 32_769 });
    expect(calls.flatMap(({ console }) => console.map(({ text, isTruncated }) => [text.length, isTruncated]))).toEqual([
      [16_384, false],
      [16_384, true],
      [32_768, true],
    ]);
  });

  it("of console.timeEnd come from the real clock, unobserved", async () => {
    const { query, calls } = await startRules();
    await query("logs:stopwatch");
    expect(calls).toMatchObject([{ clockReads: 0, observedTime: false, console: [{ level: "INFO" }] }]);
    expect(calls[0]?.console[0]?.text).toMatch(/^work: \d+ms$/);
  });
});
