/** The command line around the commands: help, version, and usage errors. */
import { describe, expect, test } from "vitest";

import { packageVersion } from "../../src/cli/packageVersion.js";
import manifest from "../../package.json" with { type: "json" };

import { runIn } from "./runCheck.js";

describe("convex-otel", () => {
  test.each(["--help", "-h"])("%s prints the commands", async (flag) => {
    const { code, stdout, stderr } = await runIn("complete", flag);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^Usage: convex-otel <command>[^]*\n {2}check {5}says which/);
  });

  test.each(["--version", "-v"])("%s prints the version", async (flag) => {
    expect(await runIn("complete", flag)).toEqual({ code: 0, stdout: "1.2.3\n", stderr: "" });
  });

  test("check --help prints its options", async () => {
    const { code, stdout } = await runIn("complete", "check", "--help");
    expect(code).toBe(0);
    for (const option of ["--uninstrumented", "--deliver", "--strict", "--json"]) expect(stdout).toContain(option);
  });

  test.each([
    [[], "No command given."],
    [["chekc"], 'Unknown command "chekc".'],
    [["check", "--stict"], "Unknown option '--stict'"],
    [["check", "a", "b"], "One project at a time, not a and b."],
    [["check", "nowhere"], /There are no Convex functions in .*nowhere.convex/],
    [["check", "--deliver"], "argument missing"],
  ])("%j is a usage error", async (argv, message) => {
    const { code, stdout, stderr } = await runIn("complete", ...argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).toContain("Usage: convex-otel");
  });
});

test("the version is the package's", () => {
  expect(packageVersion()).toBe(manifest.version);
  expect(packageVersion("file:///nowhere/at/all.js")).toBe("unknown");
});
