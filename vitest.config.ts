import { defineConfig } from "vitest/config";
import { SlowFirst } from "./test/slowFirst.js";

export default defineConfig({
  resolve: {
    // Tests run the source; that the built package works is what test/package and .ci/run prove.
    alias: [
      { find: /^convex-otel$/, replacement: new URL("src/index.ts", import.meta.url).pathname },
      {
        find: /^convex-otel\/convex$/,
        replacement: new URL("src/adapters/convex/server/index.ts", import.meta.url).pathname,
      },
      { find: /^convex-otel\/sql$/, replacement: new URL("src/adapters/sql/index.ts", import.meta.url).pathname },
      {
        find: /^convex-otel\/http$/,
        replacement: new URL("src/adapters/http/index.ts", import.meta.url).pathname,
      },
      {
        find: /^convex-otel\/cache$/,
        replacement: new URL("src/adapters/cache/index.ts", import.meta.url).pathname,
      },
      {
        find: /^convex-otel\/(node|otlp|testing|testing\/strict)$/,
        replacement: new URL("src/$1/index.ts", import.meta.url).pathname,
      },
    ],
  },
  test: {
    server: { deps: { inline: ["convex-test"] } },
    // No test is about how long it takes. On a machine that has other work to do, what takes a second may take half a minute.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    // The default leaves a core free: of two, that is half of the time.
    maxWorkers: "100%",
    sequence: { sequencer: SlowFirst },
    projects: [
      {
        extends: true,
        test: {
          name: "node",
          include: ["test/**/*.test.ts"],
          // What takes a minute is for `npm run test:soak`.
          exclude: [
            "test/e2e/**",
            "test/relayflow/strict.test.ts",
            "test/runtimes/**",
            "test/component/manySpans.test.ts",
          ],
          environment: "node",
          provide: { runtime: "convex-test" },
        },
      },
      {
        // The environment that convex-test recommends: the adapter has to work in the tests of its users.
        extends: true,
        test: {
          name: "edge",
          include: ["test/adapters/convex/**/*.test.ts"],
          environment: "edge-runtime",
          provide: { runtime: "convex-test" },
        },
      },
      {
        // The same tests under Convex's own rules, on the lazy build that Convex's bundler chooses: see test/runtimes.
        extends: true,
        test: {
          name: "strict",
          include: [
            "test/adapters/convex/*.test.ts",
            "test/relayflow/{demo,pipeline,strict,traces}.test.ts",
            "test/runtimes/*.test.ts",
          ],
          // Providers that a test registers in Node.js: see test/adapters/convex/ownApp.ts.
          exclude: ["test/adapters/convex/interop*.test.ts"],
          environment: "node",
          globalSetup: ["test/runtimes/installed.ts"],
          provide: { runtime: "strict" },
        },
      },
    ],
  },
});
