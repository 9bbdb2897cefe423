import { describe, expect, it } from "vitest";
import { addCounts, countVitest, formatCounts, readCounts, withStatus } from "./test-counts.mjs";

const file = (status, ...tests) => ({ status, assertionResults: tests.map((test) => ({ status: test })) });

describe("countVitest", () => {
  it("counts tests by what became of them", () => {
    const report = { testResults: [file("passed", "passed", "pending", "todo"), file("failed", "failed", "passed")] };
    expect(countVitest(report)).toEqual({ passed: 2, failed: 1, skipped: 2 });
  });

  it("counts a file that could not be loaded as a failure", () => {
    expect(countVitest({ testResults: [file("failed")] })).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe("withStatus", () => {
  it("counts a runner that failed without a failed test as a failure", () => {
    expect(withStatus({ passed: 3, failed: 0, skipped: 0 }, 1).failed).toBe(1);
  });

  it("changes nothing otherwise", () => {
    expect(withStatus({ passed: 3, failed: 0, skipped: 0 }, 0).failed).toBe(0);
    expect(withStatus({ passed: 3, failed: 2, skipped: 0 }, 1).failed).toBe(2);
  });
});

describe("readCounts", () => {
  it("reads the last line and no other", () => {
    expect(readCounts("1 passed, 9 failed\n4 passed, 2 failed\n")).toEqual({ passed: 4, failed: 2, skipped: 0 });
    expect(readCounts("4 passed, 2 failed, 1 skipped")).toEqual({ passed: 4, failed: 2, skipped: 1 });
  });

  it("finds none in anything else", () => {
    expect(readCounts("1 passed, 0 failed\nthen it broke")).toBeUndefined();
    expect(readCounts("")).toBeUndefined();
  });
});

describe("formatCounts", () => {
  it("tells of skipped tests only when there are any", () => {
    const counts = { passed: 3, failed: 0, skipped: 0 };
    expect(formatCounts(counts)).toBe("3 passed, 0 failed");
    expect(formatCounts(addCounts(counts, { passed: 1, failed: 2, skipped: 1 }))).toBe("4 passed, 2 failed, 1 skipped");
  });
});
