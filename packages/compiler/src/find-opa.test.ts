import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findOpa } from "./find-opa.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "cortexos-find-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function place(...path: readonly string[]): string {
  const folder = join(root, ...path);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "opa"), "");
  return join(folder, "opa");
}

describe("findOpa", () => {
  it("takes the environment's word first, then .tools upward, then PATH", () => {
    const named = place("named");
    const local = place(".tools", "bin");
    const onPath = place("path");
    const from = [join(root, "deep", "er")];
    const path = ["", join(root, "none"), join(root, "path")].join(delimiter);
    expect(findOpa({ env: { OPA: named, PATH: path }, from })).toBe(named);
    expect(findOpa({ env: { OPA: "", PATH: path }, from })).toBe(local);
    expect(findOpa({ env: { PATH: path }, from: [] })).toBe(onPath);
  });

  it("does not look further when the environment names what isn't there", () => {
    place(".tools", "bin");
    expect(() => findOpa({ env: { OPA: join(root, "gone") }, from: [root] })).toThrow(
      expect.objectContaining({ code: "compiler.opa_missing" }),
    );
  });

  it("says how to get it", () => {
    expect(() => findOpa({ env: {}, from: [] })).toThrow(
      /install opa 1\.x .+ or name it in the environment variable OPA/,
    );
  });
});
