import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folder, REPOSITORY, run, write } from "./policy-folder.ts";

describe("cortexos keys generate", () => {
  it("keeps the private key to its user, and never overwrites one", async () => {
    expect(statSync(join(folder, "key.pem")).mode & 0o777).toBe(0o600);
    const before = readFileSync(join(folder, "key.pem"), "utf8");
    const again = await run(["keys", "generate", "--private", "key.pem", "--public", "other.pub"]);
    expect(again).toMatchObject({
      code: 1,
      error: "cortexos keys generate: `key.pem` can't be written: it is there already\n",
    });
    expect(readFileSync(join(folder, "key.pem"), "utf8")).toBe(before);
  });
});

describe("cortexos policy build", () => {
  it("writes the same bytes again, and says what it wrote", async () => {
    const built = await run(["policy", "build", "--out", "again.tar.gz", "--key", "key.pem", "--json"]);
    expect(built.code).toBe(0);
    expect(JSON.parse(built.out)).toMatchObject({
      ok: true,
      out: "again.tar.gz",
      revision: 1,
      digest: expect.stringMatching(/^sha256:/),
    });
    expect(readFileSync(join(folder, "again.tar.gz")).equals(readFileSync(join(folder, "signed.tar.gz")))).toBe(true);
  });

  it("leaves the old bundle in place when the packs are broken, and shows each place", async () => {
    cpSync(join(folder, "policies"), join(folder, "broken"), { recursive: true });
    write("broken/rbac/grant/grant.rego", "package cortexos.rules.rbac.grant\n\nallow contains\n");
    write("out.tar.gz", "old");
    const built = await run(["policy", "build", "broken", "--out", "out.tar.gz"]);
    expect(built).toMatchObject({ code: 1, out: "" });
    expect(built.error).toMatch(/^broken\/rbac\/grant\/grant\.rego:\d+:\d+: [^\n]+\n/);
    expect(built.error).toMatch(/cortexos policy build: \d errors?\n$/);
    expect(readFileSync(join(folder, "out.tar.gz"), "utf8")).toBe("old");
    const json = await run(["policy", "build", "broken", "--out", "out.tar.gz", "--json"]);
    expect(JSON.parse(json.out)).toMatchObject({
      ok: false,
      code: "compiler.rego",
      diagnostics: [{ file: "broken/rbac/grant/grant.rego" }, {}],
    });
  });

  it("names the place of what isn't JSON as seen from where the command runs", async () => {
    cpSync(join(folder, "policies"), join(folder, "typo"), { recursive: true });
    write("typo/rbac/grant/data.json", '{\n  "roles": {},,\n}');
    const built = await run(["policy", "build", "typo", "--out", "x"]);
    expect(built).toMatchObject({ code: 1, out: "" });
    expect(built.error).toMatch(
      /^typo\/rbac\/grant\/data\.json:2:15: not JSON: [^\n]+\ncortexos policy build: 1 error\n$/,
    );
  });

  it.each([
    ["a folder that isn't there", ["gone", "--out", "x"], "is no folder"],
    [
      "a key that isn't there",
      ["policies", "--out", "x", "--key", "gone.pem"],
      "the signing key `gone.pem`: there is no such file",
    ],
    [
      "a public key to sign with",
      ["policies", "--out", "x", "--key", "key.pub"],
      "the signing key `key.pub`: no private key in PEM",
    ],
    ["a file in the way of the output's folder", ["policies", "--out", "key.pem/x"], "can't be written"],
  ])("exits 1 with one line for %s", async (_, args, message) => {
    const built = await run(["policy", "build", ...args]);
    expect(built).toMatchObject({ code: 1, out: "" });
    expect(built.error).toMatch(/^cortexos policy build: [^\n]+\n$/);
    expect(built.error).toContain(message);
    expect(existsSync(join(folder, "x"))).toBe(false);
  });

  it("writes no bundle that the engine can't answer exactly, and names the built-in", async () => {
    for (const name of ["own", "own/p", "own/p/r"]) mkdirSync(join(folder, name));
    write("own/bundle.json", '{"revision": 1}');
    write("own/p/pack.json", '{"name": "p", "version": "1.0.0", "title": "P"}');
    write(
      "own/p/r/r.rego",
      'package cortexos.rules.p.r\n\ndeny contains "x" if rego.parse_module("x", input.message.subject)\n',
    );
    const built = await run(["policy", "build", "own", "--out", "own.tar.gz"]);
    expect(built).toMatchObject({ code: 1, error: expect.stringContaining("rego.parse_module") });
    expect(existsSync(join(folder, "own.tar.gz"))).toBe(false);
  });

  it("says how to get OPA where it isn't there", async () => {
    const built = await run(["policy", "build", "--out", "x"], { OPA: undefined, PATH: "" });
    expect(built).toMatchObject({
      code: 1,
      error: expect.stringMatching(/^cortexos policy build: OPA is not there: install opa 1\.x [^\n]+\n$/),
    });
    const other = await run(["policy", "build", "--out", "x"], { OPA: process.execPath });
    expect(other).toMatchObject({ code: 1, error: expect.stringContaining("does not tell its version as OPA does") });
  });
});

describe("cortexos policy check", () => {
  it("misses the package only in a file that is part of a pack", async () => {
    const rule = 'deny contains "x" if input.message.subject == "a"\n';
    write("loose.rego", rule);
    expect(await run(["policy", "check", "loose.rego"])).toMatchObject({ code: 0, error: "" });
    write("policies/demo/loose.rego", rule);
    const checked = await run(["policy", "check", "policies/demo/loose.rego"]);
    rmSync(join(folder, "policies/demo/loose.rego"));
    expect(checked).toMatchObject({ code: 1, error: expect.stringContaining("no `package` line") });
  });

  it("is content with the repository's packs", async () => {
    expect(await run(["policy", "check"])).toEqual({ code: 0, out: "policies: no errors\n", error: "" });
  });

  it("points at the specification's rule as printed, and prints the mended form", async () => {
    write(
      "printed.rego",
      'deny[msg] {\n    input.job_meta.environment == "prod"\n    not input.principal.roles[_] == "SRE_LEAD"\n    msg = "Non-SRE attempted prod action"\n}\n',
    );
    const checked = await run(["policy", "check", "printed.rego"]);
    expect(checked.code).toBe(1);
    expect(checked.error).toContain(
      'printed.rego:3:5: in `not input.principal.roles[_] == "SRE_LEAD"`, `_` is searched under `not`',
    );
    expect(checked.error).toContain(
      '    roles_has_sre_lead {\n        input.principal.roles[_] == "SRE_LEAD"\n    }\n',
    );
  });

  it("checks a file of a tree against the tree's schema and its pack's Rego version", async () => {
    write(
      "policies/spec/prod_sre_lead/try.rego",
      'package x\n\ndeny[m] { input.principal.rolls[_] == "A"; m := "x" }\n',
    );
    const checked = await run(["policy", "check", "policies/spec/prod_sre_lead/try.rego"]);
    rmSync(join(folder, "policies/spec/prod_sre_lead/try.rego"));
    expect(checked).toMatchObject({
      code: 1,
      error: expect.stringContaining("try.rego:3:11: undefined ref: input.principal.rolls[_]; there are"),
    });
  });
});

describe("cortexos policy test", () => {
  it("passes with all of every rule covered", async () => {
    const tested = await run(["policy", "test", "--threshold", "100"]);
    expect(tested).toMatchObject({ code: 0, error: "" });
    expect(tested.out).toMatch(/^coverage: \d+ files, lowest 100 %\n\d+ passed, 0 failed\n$/);
  });

  it("fails on a failed test, with its place, and on a rule that isn't covered", async () => {
    cpSync(join(folder, "policies"), join(folder, "weak"), { recursive: true });
    const test = "weak/demo/protected_tools/protected_tools_test.rego";
    write(
      test,
      readFileSync(join(folder, test), "utf8").replace(
        '"delete_files"}, "want": set()',
        '"delete_files"}, "want": {"x"}',
      ),
    );
    const failed = await run(["policy", "test", "weak", "--coverage"]);
    expect(failed.code).toBe(1);
    expect(failed.out).toMatch(
      /✗ cortexos\.rules\.demo\.protected_tools_test\.test_cases > begins alike \(weak\/demo\/.+_test\.rego:\d+\)\n/,
    );
    expect(failed.out).toMatch(/\d+ passed, 1 failed\n$/);
    write(test, "package cortexos.rules.demo.protected_tools_test\n\ntest_nothing if true\n");
    const uncovered = await run(["policy", "test", "weak", "--threshold", "100"]);
    expect(uncovered.code).toBe(1);
    expect(uncovered.out).toMatch(/✗ 0 % weak\/demo\/protected_tools\/protected_tools\.rego, never ran: /);
  });

  it("fails when no test ran", async () => {
    const none = await run(["policy", "test", "--run", "nothing_is_named_so"]);
    expect(none).toMatchObject({ code: 1, error: "cortexos policy test: no tests ran in policies\n" });
  });
});

describe("bin/cortexos.mjs", () => {
  it("is a program that Node can start", () => {
    const bin = join(REPOSITORY, "packages", "cli", "bin", "cortexos.mjs");
    execFileSync(process.execPath, ["--check", bin]);
    expect(readFileSync(bin, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});
