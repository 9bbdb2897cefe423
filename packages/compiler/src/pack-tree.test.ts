import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isTestPath, readPackTree } from "./pack-tree.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "cortexos-tree-"));
  write("bundle.json", '{"revision": 1}');
  write("a/pack.json", '{"name": "a", "version": "1.0.0", "title": "A", "rego_version": 0}');
  write("a/r/r.rego", "package cortexos.rules.a.r");
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

describe("readPackTree", () => {
  it("lays a pack under cortexos/rules and the library under cortexos/lib", () => {
    write("a/r/data.json", '{ "limit": 5 }');
    write("a/r/README.md", "no source");
    write("a/notes.json", "{}");
    write("lib/x/x.rego", "package cortexos.lib.x");
    write("node_modules/y.rego", "package y");
    const tree = readPackTree(root);
    expect(tree.sources.rego).toEqual([
      { path: "cortexos/lib/x/x.rego", text: "package cortexos.lib.x", regoVersion: 1 },
      { path: "cortexos/rules/a/r/r.rego", text: "package cortexos.rules.a.r", regoVersion: 0 },
    ]);
    expect([...tree.sources.data]).toEqual([["cortexos/rules/a/r/data.json", '{"limit":5}']]);
    expect(tree.origins.get("cortexos/rules/a/r/r.rego")).toBe("a/r/r.rego");
    expect(tree.inputSchema).toBeUndefined();
  });

  it("takes only the packs that bundle.json names", () => {
    write("b/pack.json", '{"name": "b", "version": "1.0.0", "title": "B"}');
    expect(readPackTree(root).packs.map(({ name }) => name)).toEqual(["a", "b"]);
    write("bundle.json", '{"revision": 1, "packs": ["b"]}');
    expect(readPackTree(root).packs.map(({ name }) => name)).toEqual(["b"]);
  });

  it("follows no links", () => {
    symlinkSync(join(root, "a", "r"), join(root, "a", "linked"));
    expect(readPackTree(root).sources.rego).toHaveLength(1);
  });

  it.each([
    ["a folder that isn't there", () => rmSync(root, { recursive: true }), "compiler.tree", "is no folder"],
    ["no bundle.json", () => rmSync(join(root, "bundle.json")), "compiler.manifest", "bundle.json` is missing"],
    ["no pack", () => rmSync(join(root, "a", "pack.json")), "compiler.pack_unknown", "no folder here has a pack.json"],
    [
      "a pack that isn't there",
      () => write("bundle.json", '{"revision": 1, "packs": ["z"]}'),
      "compiler.pack_unknown",
      "`z` has no folder with a pack.json; there are a",
    ],
    [
      "a pack with another name than its folder",
      () => write("a/pack.json", '{"name": "b", "version": "1.0.0", "title": "A"}'),
      "compiler.manifest",
      "a/pack.json: `name` must be the folder's name, in snake_case: `a`",
    ],
    ["data that isn't JSON", () => write("a/data.json", "{"), "compiler.data", "a/data.json:1:2: not JSON"],
    ["data that is a list", () => write("a/data.json", "[]"), "compiler.data", "must be a JSON object"],
    ["data in YAML", () => write("a/data.yaml", "a: 1"), "compiler.data", "a/data.yaml: data must be JSON"],
    ["Rego that isn't UTF-8", () => write("a/x.rego", Uint8Array.of(0xff)), "compiler.tree", "a/x.rego: not UTF-8"],
  ])("refuses %s in one line", (_, prepare, ...[code, message]) => {
    prepare();
    expect(() => readPackTree(root)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
    mkdirSync(root, { recursive: true });
  });
});

describe("isTestPath", () => {
  it("knows tests by their name", () => {
    expect([isTestPath("a/r_test.rego"), isTestPath("a/r.rego"), isTestPath("a/test.rego")]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
