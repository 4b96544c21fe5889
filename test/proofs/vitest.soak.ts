/** The proofs for minutes instead of seconds, with fresh programs every time: `npm run test:soak`. */
import { defineConfig, mergeConfig } from "vitest/config";
import base from "../../vitest.config.js";

/** Minutes for each of the properties. A failure prints its seed and the smallest program that fails. */
const minutes = process.env["CONVEX_OTEL_SOAK_MINUTES"] ?? "2";

export default mergeConfig(
  base,
  defineConfig({
    test: {
      projects: [
        {
          extends: true,
          test: {
            name: "soak",
            include: ["test/proofs/{inert,truth,rollback}.test.ts"],
            environment: "node",
            env: { CONVEX_OTEL_SOAK_MINUTES: minutes },
          },
        },
      ],
    },
  }),
);
