import { createRequire } from "node:module";
import path from "node:path";
import { defineConfig } from "vitest/config";

const conditions = ["@cortexos/source"];

/** The unit tests of one package, with few runs of each property: thousands of mutants ask them. */
// oxlint-disable-next-line import/no-default-export -- Vitest asks for it
export default defineConfig({
  resolve: {
    conditions,
    alias: [
      { find: /^fast-check$/, replacement: path.join(import.meta.dirname, "few-runs.mjs") },
      { find: /^fast-check-itself$/, replacement: createRequire(import.meta.url).resolve("fast-check") },
    ],
  },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: { include: ["src/**/*.test.ts"] },
});
