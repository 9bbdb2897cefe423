import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as api from "./index.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

it("gives every limit its value in the README", () => {
  const rows = [...readme.matchAll(/^\| `([A-Z_]+_MAX)`\s*\| (\d+)\s*\|/gm)].map(([, name, value]) => [name, value]);
  const limits = Object.entries(api).filter(([name]) => name.endsWith("_MAX"));
  expect(Object.fromEntries(rows)).toEqual(
    Object.fromEntries(limits.map(([name, value]) => [name, JSON.stringify(value)])),
  );
});
