import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { PLAN_ERRORS, PlanError } from "./plan-error.ts";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

it("has one row in the README for each code, with OPA's own, and the reverse", () => {
  const rows = [...readme.matchAll(/^\| `((?:plan|evaluation)\.\w+)` *\|[^|]*\|(?: `(\w+)`)? *\|$/gm)];
  expect(rows.map(([, code, opa]) => [code, opa])).toEqual(
    Object.entries(PLAN_ERRORS).map(([code, { opa }]) => [code, opa]),
  );
});

it("names its errors as their class, and keeps the cause", () => {
  const error = new PlanError("plan.invalid", "x", { cause: 1 });
  expect([error.name, error.code, error.cause]).toEqual(["PlanError", "plan.invalid", 1]);
});
