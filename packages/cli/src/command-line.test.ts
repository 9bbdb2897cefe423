import { describe, expect, it } from "vitest";
import { onePositional, readCommandLine, requireText } from "./command-line.ts";

const shape = { texts: ["out"], flags: ["json"] };
const usage = expect.objectContaining({ code: "cli.usage" });

describe("readCommandLine", () => {
  it("reads options and positionals in any order", () => {
    const line = readCommandLine(["--json", "a", "--out", "b", "c"], shape);
    expect([line.positionals, line.text("out"), line.flag("json"), line.flag("help")]).toEqual([
      ["a", "c"],
      "b",
      true,
      false,
    ]);
  });

  it("tells an option that isn't given from one that is", () => {
    const line = readCommandLine([], shape);
    expect([line.text("out"), line.flag("json"), line.text("json")]).toEqual([undefined, false, undefined]);
  });

  it.each([["--unknown"], ["--out"], ["--json=yes"], ["-x"]])("refuses %s in one line", (arg) => {
    expect(() => readCommandLine([arg], shape)).toThrow(usage);
    expect(() => readCommandLine([arg], shape)).toThrow(/^[^\n]+$/);
  });
});

describe("requireText", () => {
  it("refuses an option that is missing or empty", () => {
    expect(requireText(readCommandLine(["--out", "x"], shape), "out", "file")).toBe("x");
    expect(() => requireText(readCommandLine([], shape), "out", "file")).toThrow("--out <file> is missing");
    expect(() => requireText(readCommandLine(["--out", ""], shape), "out", "file")).toThrow(usage);
  });
});

describe("onePositional", () => {
  it("takes the default, and refuses more than one", () => {
    expect(onePositional(readCommandLine([], shape), "policies", "folder")).toBe("policies");
    expect(() => onePositional(readCommandLine([], shape), undefined, "file")).toThrow("a file is missing");
    expect(() => onePositional(readCommandLine(["a", "b"], shape), "x", "folder")).toThrow(
      "one folder is wanted, and there are 2",
    );
  });
});
