import path from "node:path";

/** Below this part of killed mutants, in percent, `npm run mutate` fails. */
const SCORE_PERCENT_MIN = 90;

/**
 * Stryker's options for one package: `npm run mutate -w packages/wire`. For a few files: `npm run mutate -w packages/wire -- --mutate src/injector.ts`.
 *
 * @param {readonly string[]} mutate - globs of the sources, from the package's folder.
 * @returns {Record<string, unknown>}
 */
export function mutationConfig(mutate) {
  return {
    mutate,
    testRunner: "vitest",
    plugins: ["@stryker-mutator/vitest-runner"],
    vitest: { configFile: path.join(import.meta.dirname, "mutation.vitest.config.mjs"), related: false },
    // Types are not looked at, and this compiler has no interface that Stryker knows.
    ignorePatterns: ["tsconfig.json", "dist", "bench", "test"],
    coverageAnalysis: "perTest",
    // A mutant of what runs once while a module loads asks for all tests: those are few and dear.
    ignoreStatic: true,
    concurrency: 1,
    timeoutMS: 10_000,
    // Both are ignored by git, formatter and linter.
    tempDirName: "dist/mutation/sandbox",
    jsonReporter: { fileName: "dist/mutation/report.json" },
    reporters: ["clear-text", "json"],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
    allowConsoleColors: false,
    thresholds: { high: 95, low: SCORE_PERCENT_MIN, break: SCORE_PERCENT_MIN },
  };
}
