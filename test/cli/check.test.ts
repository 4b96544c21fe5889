/** `convex-otel check` on whole apps: what it says, and what it exits with. */
import { describe, expect, test } from "vitest";

import { checkApp } from "../../src/cli/check.js";

import { fixture, runIn } from "./runCheck.js";

const SHOP = `module            instrumented  listed  missing  queries
admin/deep/users             2       0        0        0
auth                         0       2        0        0
billing                      1       0        2        0
custom                       1       0        1        0
legacy/v1/import             0       1        0        0
orders                       2       0        0        1
otel                         1       0        0        0
pdf                          1       0        1        0
reports                      1       0        2        0
total                        9       3        6        1

Missing: build these with ./otel, or list them in \`uninstrumented\`.
  billing:charge  public action
  billing:refund  public mutation
  custom:unseen   public mutation
  pdf:preview     public action
  reports:bill    public action
  reports         internal action

HTTP actions that start no span: wrap the router, or build them with ./otel.
  GET /files/*

Skipped, since they throw when evaluated without network and environment:
  payments  TypeError: STRIPE_KEY is not set

Entries of \`uninstrumented\` that can go:
  "orders:place"  covers only instrumented functions, which get no carrier because of it
  "gone:*"        covers no mutation or action

6 of 18 mutations and actions are missing. Unknown: 1 skipped module.
`;

describe("an app in TypeScript", () => {
  test("re-exports, default exports, folders, custom functions, casts and node modules", async () => {
    expect(await runIn("shop", "check")).toEqual({ code: 1, stdout: SHOP, stderr: "" });
  });

  test("says which functions are moved, but still cut off by an entry for others", async () => {
    const { stdout } = await runIn("shop", "check", "--uninstrumented", "*");
    const [, section = ""] = stdout.split("Instrumented, but still covered by `uninstrumented`:");
    expect(section).toContain("each starts a trace of its own, since nobody gives it a carrier.\n  ");
    expect(section).toMatch(/^ {2}orders:place *$/m);
    expect(section).not.toMatch(/otel:deliver|auth:/);
  });

  test("--json has everything, for programs", async () => {
    const { code, stdout } = await runIn("shop", "check", "--json");
    const result: unknown = JSON.parse(stdout);
    expect(code).toBe(1);
    expect(result).toMatchObject({
      ok: false,
      uninstrumented: ["auth:*", "legacy/*", "orders:place", "gone:*"],
      skipped: [{ module: "payments", reason: "TypeError: STRIPE_KEY is not set" }],
      routes: [
        { path: "POST /webhooks/stripe", instrumented: true },
        { path: "GET /files/*", instrumented: false },
      ],
      deliver: { path: "otel:deliver", status: "found" },
      warnings: [],
    });
    expect(result).toHaveProperty(
      "functions",
      expect.arrayContaining([
        {
          path: "orders:settle",
          module: "orders",
          kind: "mutation",
          visibility: "internal",
          instrumented: true,
          status: "instrumented",
        },
        expect.objectContaining({ path: "auth", status: "listed" }),
        expect.objectContaining({ path: "orders:list", status: "notNeeded" }),
      ]),
    );
  });

  test("--uninstrumented replaces the app's list", async () => {
    const { functions, stale } = await checkApp(fixture("shop"), { uninstrumented: ["billing:charge", "reports:*"] });
    const missing = functions.filter(({ status }) => status === "missing").map(({ path }) => path);
    expect(missing.sort()).toEqual(
      ["auth", "auth:signIn", "billing:refund", "custom:unseen", "legacy/v1/import:run", "pdf:preview"].sort(),
    );
    expect(stale).toEqual([]);
  });

  test('"*" lists everything', async () => {
    const { code, stdout } = await runIn("shop", "check", "--uninstrumented", "*");
    expect(code).toBe(0);
    expect(stdout).toContain("0 of 18 mutations and actions are missing. Unknown: 1 skipped module.\n");
  });
});

describe("an app in JavaScript", () => {
  test("is found through convex.json", async () => {
    const { code, stdout } = await runIn("javascript", "check");
    expect(code).toBe(1);
    expect(stdout).toContain("  messages       public mutation\n  messages:send  public mutation\n");
  });

  test("needs no deliver while nothing is instrumented", async () => {
    const { deliver } = await checkApp(fixture("javascript"));
    expect(deliver.status).toBe("notNeeded");
  });

  test("takes several patterns, in one flag or more", async () => {
    const args = ["--uninstrumented", "messages:send, messages", "--uninstrumented", "old/*"];
    const { code, stdout } = await runIn("javascript", "check", ...args);
    expect(code).toBe(0);
    expect(stdout).toContain('  "old/*"  covers no mutation or action\n');
  });

  test("a project may be named", async () => {
    expect((await runIn(".", "check", "javascript", "--uninstrumented", "*")).code).toBe(0);
  });
});

describe("exit code", () => {
  test("1 if deliver is not where it should be", async () => {
    const { code, stdout } = await runIn("complete", "check");
    expect(code).toBe(1);
    expect(stdout).toContain("There is no internal action otel:deliver");
  });

  test("0 if all is well, with --strict too", async () => {
    const { code, stdout } = await runIn("complete", "check", "--deliver", "tracing:deliver", "--strict");
    expect(code).toBe(0);
    expect(stdout).toMatch(/\n\n0 of 2 mutations and actions are missing\.\n$/);
  });

  test.each([
    ["a stale entry", "javascript", ["--uninstrumented", "messages:*,gone:*"]],
    ["an HTTP action and a skipped module", "shop", ["--uninstrumented", "*"]],
  ])("1 with --strict for %s, else 0", async (_, app, args) => {
    expect((await runIn(app, "check", ...args)).code).toBe(0);
    expect((await runIn(app, "check", ...args, "--strict")).code).toBe(1);
  });

  test("2 if the app does not bundle, with esbuild's words and what to do", async () => {
    const { code, stdout, stderr } = await runIn("broken", "check");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain('convex/tasks.ts:1:24: Could not resolve "node:net"');
    expect(stderr).toContain('need "use node" at their top');
  });
});
