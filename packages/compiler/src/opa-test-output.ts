import { CompilerError } from "./compiler-error.ts";
import { compareText } from "./diagnostic.ts";
import { integerOr, isFields, itemsOf, memberAt, textOr } from "./json-access.ts";
import type { RegoFileCoverage, RegoTestResult } from "./opa-backend.ts";

/** Reads `opa test --format json`; `undefined` when the tests could not be begun. A table's cases become results of their own. */
export function readTestResults(stdout: string): readonly RegoTestResult[] | undefined {
  const answer = parseJson(stdout);
  // No tests at all: OPA prints nothing.
  if (answer === undefined) return stdout.trim() === "" ? [] : undefined;
  if (!Array.isArray(answer)) return undefined;
  // OPA runs tests side by side, and answers in the order in which they ended.
  return answer
    .flatMap(readResult)
    .sort((a, b) => compareText(a.file, b.file) || a.row - b.row || compareText(a.name, b.name));
}

/** Reads `opa test --coverage --format json`. */
export function readCoverage(stdout: string): readonly RegoFileCoverage[] {
  const files = memberAt(parseJson(stdout), "files");
  if (!isFields(files)) throw new CompilerError("compiler.opa_failed", "OPA's coverage can't be read");
  return Object.keys(files)
    .sort()
    .map((file) => {
      const missed = itemsOf(memberAt(files, file, "not_covered")).map((range) => ({
        fromRow: integerOr(memberAt(range, "start", "row"), 1),
        toRow: integerOr(memberAt(range, "end", "row"), 1),
      }));
      const percent = memberAt(files, file, "coverage");
      const distinct = new Map(missed.map((range) => [`${range.fromRow}-${range.toRow}`, range]));
      return { file, percent: typeof percent === "number" ? percent : 0, missed: [...distinct.values()] };
    });
}

function readResult(result: unknown): readonly RegoTestResult[] {
  const base = {
    file: textOr(memberAt(result, "location", "file"), "."),
    row: integerOr(memberAt(result, "location", "row"), 1),
    durationNs: integerOr(memberAt(result, "duration"), 0),
  };
  const name = `${textOr(memberAt(result, "package"), "").replace(/^data\./, "")}.${textOr(memberAt(result, "name"), "")}`;
  const failed = memberAt(result, "fail") === true || memberAt(result, "skip") === true;
  const error = memberAt(result, "error");
  if (error !== undefined) {
    return [{ ...base, name, passed: false, error: textOr(memberAt(error, "message"), JSON.stringify(error)) }];
  }
  const cases = readCases(memberAt(result, "sub_results"), name);
  return cases.length === 0
    ? [{ ...base, name, passed: !failed }]
    : cases.map((testCase) => ({ ...base, ...testCase }));
}

function readCases(results: unknown, name: string): readonly { readonly name: string; readonly passed: boolean }[] {
  if (!isFields(results)) return [];
  return Object.keys(results)
    .sort()
    .flatMap((key) => {
      const inner = readCases(memberAt(results, key, "sub_results"), `${name} > ${key}`);
      return inner.length > 0 ? inner : [{ name: `${name} > ${key}`, passed: memberAt(results, key, "fail") !== true }];
    });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
