import { defineConfig } from "vitest/config";
import shared from "../../vitest.config.js";

/** The end-to-end tests: the aliases of the others, their own files, and time for a real backend. */
export default defineConfig({
  ...shared,
  test: {
    include: ["test/e2e/**/*.test.ts"],
    globalSetup: ["test/e2e/globalSetup.ts"],
    environment: "node",
    provide: { runtime: "convex-test" },
    fileParallelism: false,
    server: { deps: { inline: ["convex-test"] } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
