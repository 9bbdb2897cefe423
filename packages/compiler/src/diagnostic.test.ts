import { describe, expect, it } from "vitest";
import { formatDiagnostic, sortDiagnostics } from "./diagnostic.ts";

const base = { file: "a.rego", row: 3, col: 7, code: "x", message: "wrong" };

describe("formatDiagnostic", () => {
  it("names file, line, column and message in one line", () => {
    expect(formatDiagnostic(base)).toBe("a.rego:3:7: wrong");
  });

  it("puts the mended form below, indented and otherwise as it is", () => {
    expect(formatDiagnostic({ ...base, mend: "a {\n    b\n}\n\nc" })).toBe(
      "a.rego:3:7: wrong\n\n    a {\n        b\n    }\n\n    c\n",
    );
  });
});

describe("sortDiagnostics", () => {
  it("sorts by file, row and column, and drops what is there twice", () => {
    const other = { ...base, col: 1 };
    const later = { ...base, row: 20 };
    const file = { ...base, file: "B.rego" };
    expect(sortDiagnostics([base, later, other, base, file])).toEqual([file, other, base, later]);
  });
});
