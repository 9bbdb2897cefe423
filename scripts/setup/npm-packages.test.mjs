import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { arePackagesCurrent, whatNpmSays } from "./npm-packages.mjs";

let root = "";

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "packages-"));
  mkdirSync(path.join(root, "node_modules"));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const a = { version: "1.0.0", resolved: "a-1.0.0.tgz" };
const ours = { version: "0.1.0" };

function write(wanted, installed) {
  writeFileSync(path.join(root, "package-lock.json"), JSON.stringify({ packages: wanted }));
  const hidden = path.join(root, "node_modules", ".package-lock.json");
  if (installed !== undefined) writeFileSync(hidden, JSON.stringify({ packages: installed }));
}

describe("arePackagesCurrent", () => {
  it("is content with what the lock file asks for", () => {
    write({ "": ours, "packages/x": ours, "node_modules/a": a }, { "node_modules/a": a });
    expect(arePackagesCurrent(root)).toBe(true);
  });

  it("does not miss an optional package of another platform", () => {
    write({ "node_modules/a": a, "node_modules/b": { ...a, optional: true } }, { "node_modules/a": a });
    expect(arePackagesCurrent(root)).toBe(true);
  });

  it.each([
    ["nothing is installed", undefined],
    ["a package is missing", {}],
    ["a package has another version", { "node_modules/a": { ...a, version: "1.0.1" } }],
    ["a package comes from elsewhere", { "node_modules/a": { ...a, resolved: "b-1.0.0.tgz" } }],
  ])("is not when %s", (_what, installed) => {
    write({ "node_modules/a": a }, installed);
    expect(arePackagesCurrent(root)).toBe(false);
  });

  it("throws without a lock file", () => {
    expect(() => arePackagesCurrent(root)).toThrow("package-lock.json is missing or damaged");
  });
});

describe("whatNpmSays", () => {
  it("finds the sentence among npm's lines", () => {
    const output =
      "npm warn EBADENGINE x\nnpm error code EUSAGE\nnpm error\nnpm error `npm ci` can only install\nnpm error Usage:";
    expect(whatNpmSays(output)).toBe("`npm ci` can only install");
  });

  it("takes the last line of any other output", () => {
    expect(whatNpmSays("one\ntwo\n")).toBe("two");
  });
});
