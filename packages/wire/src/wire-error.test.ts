import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as limits from "./limits.ts";
import { isWireError, WIRE_ERRORS, WireError } from "./wire-error.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

describe("WireError", () => {
  it("is known by name and code, across two copies of the package", () => {
    const error = new WireError("wire.unserialisable", "the message can't be written", { cause: 1 });
    expect(error).toMatchObject({ name: "WireError", code: "wire.unserialisable", cause: 1 });
    expect(isWireError(error)).toBe(true);
    expect(isWireError(Object.assign(new Error("other copy"), { name: "WireError", code: "wire.size" }))).toBe(true);
    expect(isWireError(new Error("other"))).toBe(false);
  });
});

describe("README.md", () => {
  it("has a row for each code, with its summary and the text that the client gets, and no other", () => {
    const rows = [...readme.matchAll(/^\| `(wire\.[a-z_]+)` +\| (.*?) +\| (.*?) +\|$/gm)].map(([, ...cells]) => cells);
    const table = Object.entries(WIRE_ERRORS).map(([code, row]) => [
      code,
      row.summary,
      "errText" in row ? `\`${row.errText}\`` : "—",
    ]);
    expect(rows).toEqual(table);
  });

  it("has a row for each limit, with its value, and no other", () => {
    const rows = [...readme.matchAll(/^\| `([A-Z_]+_MAX)` +\| ([0-9 ]+?) +\|/gm)].map(([, name, value]) => [
      name,
      Number(value?.replaceAll(" ", "")),
    ]);
    expect(Object.fromEntries(rows)).toEqual({ ...limits });
  });
});
