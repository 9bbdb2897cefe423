import { describe, expect, it } from "vitest";
import { failureLine } from "./build-policies.ts";

describe("failureLine", () => {
  const wrong = {
    file: "policies/rbac/grant/grant.rego",
    row: 3,
    col: 7,
    code: "rego_parse_error",
    message: "no\n  if",
  };

  it("names the place of the first thing that is wrong, in one line, and counts the others", () => {
    const report = (...diagnostics: readonly object[]): string =>
      JSON.stringify({ ok: false, message: "2 errors", diagnostics });
    expect(failureLine(report(wrong))).toBe("policies/rbac/grant/grant.rego:3:7: no if");
    expect(failureLine(report(wrong, wrong))).toBe(
      "policies/rbac/grant/grant.rego:3:7: no if (and 1 more: npx cortexos policy check policies)",
    );
  });

  it("gives the message where no place is known", () => {
    expect(failureLine('{"message": "bundle.json: `packs` must be a list", "diagnostics": []}')).toBe(
      "policies: bundle.json: `packs` must be a list",
    );
  });

  it("has nothing to say about what isn't a report", () => {
    expect(failureLine("")).toBeUndefined();
  });
});
