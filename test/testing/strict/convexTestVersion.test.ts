/** Which versions of convex-test are accepted. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { checkConvexTest } from "../../../src/testing/strict/convexTestVersion.js";

const folders: string[] = [];

afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

function appWith(version: string | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), "convex-otel-app-"));
  folders.push(folder);
  if (version !== undefined) {
    mkdirSync(join(folder, "node_modules/convex-test"), { recursive: true });
    writeFileSync(join(folder, "node_modules/convex-test/package.json"), JSON.stringify({ version }));
  }
  return join(folder, "convex");
}

describe("the convex-test of an app", () => {
  it.each(["0.0.60", "0.0.61", "0.1.0", "1.0.0", "0.0.60-alpha.1"])("%s is fine", (version) => {
    expect(() => checkConvexTest(appWith(version))).not.toThrow();
  });

  it.each(["0.0.59", "0.0.6"])("%s is too old, and the error says what to do", (version) => {
    expect(() => checkConvexTest(appWith(version))).toThrow(
      `strictConvex needs convex-test 0.0.60 or later, and ${version} is installed: npm install --save-dev convex-test@latest`,
    );
  });

  it("may be installed somewhere else", () => {
    expect(() => checkConvexTest(appWith(undefined))).not.toThrow();
  });
});
