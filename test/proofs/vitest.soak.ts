/**
 * The proofs for minutes instead of seconds, with fresh programs every time, and the outbox with 100,000 spans for each fault:
 * `npm run test:soak`.
 */
import { defineConfig } from "vitest/config";
import shared from "../../vitest.config.js";

export default defineConfig({
  ...shared,
  test: {
    include: ["test/proofs/{inert,truth,rollback}.test.ts", "test/component/{faults,manySpans}.test.ts"],
    environment: "node",
    hookTimeout: 120_000,
    server: { deps: { inline: ["convex-test"] } },
    // Minutes for each of the properties. A failure prints its seed and the smallest program that fails.
    env: { CONVEX_OTEL_SOAK_MINUTES: process.env["CONVEX_OTEL_SOAK_MINUTES"] ?? "2" },
  },
});
