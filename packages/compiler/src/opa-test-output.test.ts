import { describe, expect, it } from "vitest";
import { readCoverage, readTestResults } from "./opa-test-output.ts";

const base = { location: { file: "a_test.rego", row: 3, col: 1 }, package: "data.a_test", name: "test_x", duration: 7 };
const read = { file: "a_test.rego", row: 3, durationNs: 7 };

describe("readTestResults", () => {
  it.each([
    ["a passed test", base, [{ ...read, name: "a_test.test_x", passed: true }]],
    ["a failed test", { ...base, fail: true }, [{ ...read, name: "a_test.test_x", passed: false }]],
    ["a skipped test as failed", { ...base, skip: true }, [{ ...read, name: "a_test.test_x", passed: false }]],
    [
      "a test that erred",
      { ...base, error: { code: "eval_conflict_error", message: "conflict" } },
      [{ ...read, name: "a_test.test_x", passed: false, error: "conflict" }],
    ],
    [
      "each case of a table",
      { ...base, fail: true, sub_results: { b: { name: "b", fail: true }, a: { name: "a" } } },
      [
        { ...read, name: "a_test.test_x > a", passed: true },
        { ...read, name: "a_test.test_x > b", passed: false },
      ],
    ],
    [
      "cases of cases",
      { ...base, sub_results: { a: { name: "a", sub_results: { c: { name: "c", fail: true } } } } },
      [{ ...read, name: "a_test.test_x > a > c", passed: false }],
    ],
  ])("reads %s", (_, result, expected) => {
    expect(readTestResults(JSON.stringify([result]))).toEqual(expected);
  });

  it("tells no tests from tests that could not begin", () => {
    expect(readTestResults("[]")).toEqual([]);
    expect(readTestResults("\n")).toEqual([]);
    expect(readTestResults("unable to load")).toBeUndefined();
  });
});

describe("readCoverage", () => {
  it("gives what never ran, by file", () => {
    const files = {
      "b.rego": { coverage: 50, not_covered: [{ start: { row: 4, col: 1 }, end: { row: 6, col: 2 } }] },
      "a.rego": { coverage: 100 },
    };
    expect(readCoverage(JSON.stringify({ files }))).toEqual([
      { file: "a.rego", percent: 100, missed: [] },
      { file: "b.rego", percent: 50, missed: [{ fromRow: 4, toRow: 6 }] },
    ]);
  });

  it("takes a file that says nothing for not covered", () => {
    expect(readCoverage('{"files": {"a.rego": {}}}')).toEqual([{ file: "a.rego", percent: 0, missed: [] }]);
    expect(() => readCoverage("")).toThrow(expect.objectContaining({ code: "compiler.opa_failed" }));
  });
});
