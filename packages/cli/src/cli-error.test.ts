import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CLI_ERRORS, CliError, isCliError } from "./cli-error.ts";
import { EXIT_CODES } from "./subcommand.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

describe("CliError", () => {
  it("is named as its class and known by its name", () => {
    const error = new CliError("cli.file", "gone");
    expect([error.name, error.code, isCliError(error), isCliError(new Error("x"))]).toEqual([
      CliError.name,
      "cli.file",
      true,
      false,
    ]);
  });

  it("has a row in the README for every code, and no other", () => {
    const rows = [...readme.matchAll(/^\| `(cli\.\w+)`\s*\| (.+?)\s*\|$/gm)].map(([, code, text]) => [code, text]);
    expect(Object.fromEntries(rows)).toEqual(CLI_ERRORS);
  });
});

describe("EXIT_CODES", () => {
  it("are those of the README", () => {
    const rows = [...readme.matchAll(/^\| (\d)\s+\|/gm)].map(([, code]) => Number(code));
    expect(rows).toEqual(Object.values(EXIT_CODES));
  });
});
