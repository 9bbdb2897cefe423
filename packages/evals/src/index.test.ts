import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as api from "./index.ts";

it("exports exactly this", () => {
  expect(Object.keys(api).sort()).toEqual([
    "EVALS_ERRORS",
    "EvalsError",
    "buildPacks",
    "generateAttacks",
    "isEvalsError",
    "measure",
    "openSessionGate",
    "readDataset",
    "readPacks",
    "reportOf",
    "reportText",
    "runEvalAgents",
  ]);
});

it("has a row in the README for each error, and no other", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const rows = [...readme.matchAll(/^\| `(evals\.\w+)`\s*\| (.*?)\s*\|$/gm)].map(([, code, meaning]) => [
    code,
    meaning,
  ]);
  expect(Object.fromEntries(rows)).toEqual(api.EVALS_ERRORS);
});
