/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @type {Counts} */
export const NO_TESTS = { passed: 0, failed: 0, skipped: 0 };

/**
 * Counts a Vitest JSON report. A file that fails before its tests are known counts as one failure.
 *
 * @param {{ testResults: readonly { status: string, assertionResults: readonly { status: string }[] }[] }} report
 * @returns {Counts}
 */
export function countVitest(report) {
  return report.testResults.map(countFile).reduce(addCounts, NO_TESTS);
}

function countFile({ status, assertionResults }) {
  const passed = assertionResults.filter((test) => test.status === "passed").length;
  const failed = assertionResults.filter((test) => test.status === "failed").length;
  const skipped = assertionResults.length - passed - failed;
  return { passed, failed: status === "failed" ? Math.max(failed, 1) : failed, skipped };
}

/**
 * @param {Counts} a
 * @param {Counts} b
 * @returns {Counts}
 */
export function addCounts(a, b) {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/**
 * Makes a run that ended badly show: a runner that fails without a failed test still counts as one failure.
 *
 * @param {Counts} counts
 * @param {number} status the runner's exit status
 * @returns {Counts}
 */
export function withStatus(counts, status) {
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/**
 * Reads the line that {@link formatCounts} writes, as `cortexos policy test` prints it too; undefined without one.
 *
 * @param {string} output
 * @returns {Counts | undefined}
 */
export function readCounts(output) {
  const match = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(output.trim().split("\n").at(-1) ?? "");
  if (match === null) return undefined;
  return { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3] ?? 0) };
}

/**
 * The line a run ends with.
 *
 * @param {Counts} counts
 */
export function formatCounts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
