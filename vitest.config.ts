import { defineConfig } from "vitest/config";

// Tests read sources, not builds: siblings resolve through the private export condition.
const conditions = ["@cortexos/source"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          // Properties have as many runs as they need, on machines that are busy with others.
          testTimeout: 30_000,
          include: ["{packages,sidecar,examples,conformance}/**/src/**/*.test.ts", "scripts/**/*.test.mjs"],
        },
      },
      {
        extends: true,
        // Real servers: one file at a time on small machines.
        test: {
          name: "integration",
          include: ["{packages,sidecar,examples,conformance}/**/test/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
