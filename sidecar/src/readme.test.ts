import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { OVERRIDES } from "./config/environment.ts";
import { LIMITS } from "./config/limits.ts";
import { SIDECAR_ERRORS } from "./sidecar-error.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

function rows(heading: string): readonly (readonly string[])[] {
  const section = readme.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  const lines = section.split("\n").filter((line) => line.startsWith("| `"));
  return lines.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

it("lists every limit with its default and range", () => {
  const limits = Object.entries(LIMITS).map(([name, bound]) => [
    `\`${name}\``,
    String(bound.default),
    `${bound.min} to ${bound.max}`,
  ]);
  expect(rows("Limits").map((row) => row.slice(0, 3))).toEqual(limits);
});

it("lists every error code with its remedy", () => {
  const errors = Object.entries(SIDECAR_ERRORS).map(([code, { remedy }]) => [`\`${code}\``, remedy]);
  expect(rows("Errors")).toEqual(errors);
});

it("names every environment variable", () => {
  const single = [...OVERRIDES.keys()].filter((name) => !name.startsWith("CORTEXOS_LIMITS_"));
  for (const name of single) expect(readme).toContain(`\`${name}\``);
});
