import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { COMPILER_ERRORS, CompilerError, isCompilerError } from "./compiler-error.ts";

describe("CompilerError", () => {
  it("is named as its class and known by its name", () => {
    const error = new CompilerError("compiler.tree", "gone", { cause: 1 });
    expect([error.name, error.code, error.cause, error.diagnostics]).toEqual([
      CompilerError.name,
      "compiler.tree",
      1,
      [],
    ]);
    expect(isCompilerError(error)).toBe(true);
    expect(isCompilerError(Object.assign(new Error("x"), { name: "CompilerError", code: "compiler.tree" }))).toBe(true);
    expect(isCompilerError(new Error("x"))).toBe(false);
  });

  it("has a row in the README for every code, and no other", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const rows = [...readme.matchAll(/^\| `(compiler\.\w+)`\s*\| (.+?)\s*\|$/gm)].map(([, code, text]) => [code, text]);
    expect(Object.fromEntries(rows)).toEqual(COMPILER_ERRORS);
  });
});
