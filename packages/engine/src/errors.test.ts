import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ENGINE_ERRORS, EngineError, isEngineError, messageOf } from "./errors.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

it("has one row in the README for each error code, and the reverse", () => {
  const rows = [...readme.matchAll(/^\| `((?:bundle|engine)\.\w+)` *\|/gm)].map((match) => match[1]);
  expect(rows).toEqual(Object.keys(ENGINE_ERRORS));
});

it("names its errors as their class, and keeps the cause", () => {
  const error = new EngineError("bundle.abi", "x", { cause: 1 });
  expect([error.name, error.code, error.cause]).toEqual(["EngineError", "bundle.abi", 1]);
  expect(isEngineError(error)).toBe(true);
  expect(isEngineError(new Error("x"))).toBe(false);
});

it("finds words for whatever is thrown", () => {
  expect([new Error("a"), "b", Object.create(null), undefined].map(messageOf)).toEqual([
    "a",
    "b",
    "a thrown object",
    "a thrown undefined",
  ]);
});
