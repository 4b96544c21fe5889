/**
 * How many bytes tracing adds to each module of a Convex deployment. Convex evaluates a function's modules anew on every
 * call, so what is imported is paid per call: the build fails when it grows past the budget.
 */
import { posix, resolve } from "node:path";
import { expect, test } from "vitest";
import { type ConvexBundle, bundleConvex } from "../src/testing/convexBundle.js";

const root = resolve(import.meta.dirname, "..");

/** The stock OpenTelemetry set-up of the Convex docs comes to 85 kB, bundled the same way. */
const BUDGET_BYTES = 24_000;

async function bundle(): Promise<ConvexBundle> {
  return await bundleConvex(resolve(root, "test/package/budget/convex"), {
    alias: {
      "convex-otel/convex": resolve(root, "src/adapters/convex/server/index.ts"),
      "convex-otel": resolve(root, "src/index.ts"),
    },
    plugins: [
      {
        // Every Convex module has these, traced or not.
        name: "without-convex",
        setup: (build) => build.onResolve({ filter: /^convex\// }, ({ path }) => ({ path, external: true })),
      },
    ],
  });
}

/** The files that are evaluated with a module: itself and the chunks it imports statically. */
function evaluatedWith(file: string, { files }: ConvexBundle): readonly string[] {
  const seen = new Set([file]);
  for (const path of seen) {
    for (const [, from] of (files.get(path) ?? "").matchAll(/(?:^|;|\n)\s*(?:import|export)\b[^;()]*?"(\.[^"]+)"/g)) {
      seen.add(posix.join(posix.dirname(path), from ?? ""));
    }
  }
  return [...seen].map((path) => files.get(path) ?? expect.fail(`${path} is not in the bundle`));
}

test("an instrumented Convex module stays within its byte budget", async () => {
  const texts = evaluatedWith("tasks.js", await bundle());
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  console.info(`convex-otel/convex and withSpan, bundled as Convex does: ${bytes} of ${BUDGET_BYTES} bytes`);
  expect(bytes).toBeLessThanOrEqual(BUDGET_BYTES);
});
