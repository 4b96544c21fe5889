import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    // Tests run the source; that the built package works is what test/package and .ci/run prove.
    alias: [
      { find: /^convex-otel$/, replacement: new URL("src/index.ts", import.meta.url).pathname },
      {
        find: /^convex-otel\/convex$/,
        replacement: new URL("src/adapters/convex/server/index.ts", import.meta.url).pathname,
      },
      {
        find: /^convex-otel\/(otlp|testing|testing\/strict)$/,
        replacement: new URL("src/$1/index.ts", import.meta.url).pathname,
      },
    ],
  },
  test: {
    server: { deps: { inline: ["convex-test"] } },
    testTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: { name: "node", include: ["test/**/*.test.ts"], exclude: ["test/e2e/**"], environment: "node" },
      },
      {
        // The environment that convex-test recommends: the adapter has to work in the tests of its users.
        extends: true,
        test: { name: "edge", include: ["test/adapters/convex/**/*.test.ts"], environment: "edge-runtime" },
      },
    ],
  },
});
