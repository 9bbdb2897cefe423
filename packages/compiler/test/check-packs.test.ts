import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  checkFile,
  checkHouseRules,
  checkPacks,
  findOpa,
  readPackTree,
  type Diagnostic,
  type RegoVersion,
} from "@cortexos/compiler";
import { describe, expect, it } from "vitest";
import { openOpa, POLICIES, writeFolder, writePack } from "./pack-folder.ts";

const opa = await openOpa();

/** As the specification prints it. */
const PRINTED = `deny[msg] {
    input.job_meta.environment == "prod"
    not input.principal.roles[_] == "SRE_LEAD"
    msg = "Non-SRE attempted prod action"
}
`;

async function check(text: string, regoVersion?: RegoVersion): Promise<readonly Diagnostic[]> {
  return checkFile({ file: "x.rego", text, ...(regoVersion === undefined ? {} : { regoVersion }) }, opa);
}

/** What `data.x.deny` is for an input. */
function denyOf(rego: string, input: object, v0: boolean): unknown {
  const folder = writeFolder({ "x.rego": rego, "input.json": JSON.stringify(input) });
  const args = [
    "eval",
    "--format",
    "raw",
    ...(v0 ? ["--v0-compatible"] : []),
    "--data",
    "x.rego",
    "--input",
    "input.json",
  ];
  const path = findOpa({ env: process.env, from: [POLICIES] });
  return JSON.parse(execFileSync(path, [...args, "data.x.deny"], { cwd: folder, encoding: "utf8" }));
}

describe("the trap of a search under not", () => {
  it("is pointed at in the specification's rule as printed, and mended ready to paste", async () => {
    const [noPackage, trap, ...more] = await check(PRINTED);
    expect(more).toEqual([]);
    expect(noPackage).toMatchObject({ code: "check.package_missing" });
    expect(trap).toMatchObject({ file: "x.rego", row: 3, col: 5, code: "rego_unsafe_var_error" });
    expect(trap?.message).toContain('in `not input.principal.roles[_] == "SRE_LEAD"`, `_` is searched under `not`');
    expect(trap?.mend).toBe(`deny[msg] {
    input.job_meta.environment == "prod"
    not roles_has_sre_lead
    msg = "Non-SRE attempted prod action"
}

roles_has_sre_lead {
    input.principal.roles[_] == "SRE_LEAD"
}`);
  });

  it("is mended with the behaviour that was meant", async () => {
    const mend = (await check(PRINTED)).at(-1)?.mend ?? "";
    const rego = `package x\n\n${mend}\n`;
    expect(await check(rego)).toEqual([]);
    const prod = { job_meta: { environment: "prod" } };
    const denied = ["Non-SRE attempted prod action"];
    expect(denyOf(rego, { ...prod, principal: { roles: ["AGENT"] } }, true)).toEqual(denied);
    expect(denyOf(rego, prod, true)).toEqual(denied);
    expect(denyOf(rego, { ...prod, principal: { roles: ["AGENT", "SRE_LEAD"] } }, true)).toEqual([]);
    expect(denyOf(rego, { job_meta: { environment: "dev" } }, true)).toEqual([]);
  });

  it.each([
    [
      "a wildcard in v1",
      'not input.roles[_] == "X"',
      "not roles_has_x",
      'roles_has_x if {\n\tinput.roles[_] == "X"\n}',
    ],
    [
      "a named variable",
      'not input.roles[i] == "X"',
      "not roles_has_x",
      'roles_has_x if {\n\tinput.roles[i] == "X"\n}',
    ],
    [
      "a call",
      'not startswith(input.tags[_], "safe-")',
      "not tags_has_safe",
      'tags_has_safe if {\n\tstartswith(input.tags[_], "safe-")\n}',
    ],
    [
      "a wildcard inside a path",
      "not input.items[_].ok",
      "not ok_has_match",
      "ok_has_match if {\n\tinput.items[_].ok\n}",
    ],
    [
      "a value of the rule",
      "wanted := input.want\n\tnot input.roles[_] == wanted",
      "not roles_has_match(wanted)",
      "roles_has_match(wanted) if {\n\tinput.roles[_] == wanted\n}",
    ],
    ["two lines", 'not startswith(\n\t\tinput.tags[_],\n\t\t"a",\n\t)', "not tags_has_a", "tags_has_a if {\n"],
    [
      "data",
      "not data.allowed[_] == input.x",
      "not allowed_has_match",
      "allowed_has_match if {\n\tdata.allowed[_] == input.x\n}",
    ],
    [
      "a with",
      "not input.roles[_] == 1 with input.y as 2",
      "not roles_has_match",
      "roles_has_match if {\n\tinput.roles[_] == 1 with input.y as 2\n}",
    ],
  ])("is mended for %s", async (_, ...[expression, call, helper]) => {
    const [trap, ...more] = await check(`package x\n\ndeny contains "x" if {\n\tinput.on\n\t${expression}\n}\n`);
    expect(more).toEqual([]);
    expect(trap?.mend).toContain(call);
    expect(trap?.mend).toContain(helper);
    expect(await check(`package x\n\n${trap?.mend ?? ""}\n`)).toEqual([]);
  });

  it("is mended at once where a rule has it twice, with names that are free", async () => {
    const rego = `package x\n\nroles_has_a := 1\n\ndeny contains "x" if {\n\tnot input.roles[_] == "a"\n\tnot input.roles[_] == "b"\n\tnot input.groups.roles[_] == "b"\n}\n`;
    const found = await check(rego);
    expect(found.map(({ row, mend }) => [row, mend !== undefined])).toEqual([
      [6, false],
      [7, false],
      [8, true],
    ]);
    const mend = found.at(-1)?.mend ?? "";
    expect(mend).toContain("\tnot roles_has_a_2\n\tnot roles_has_b\n\tnot roles_has_b_2\n");
    expect(await check(`package x\n\nroles_has_a := 1\n\n${mend}\n`)).toEqual([]);
  });

  it("is told apart from other unsafe variables", async () => {
    const found = await check('package x\n\ndeny contains y if {\n\tinput.x == "a"\n}\n');
    expect(found).toMatchObject([{ code: "rego_unsafe_var_error", message: "var y is unsafe" }]);
    expect(found[0]).not.toHaveProperty("mend");
  });
});

describe("what is undefined under not", () => {
  it.each([
    ["a call", "not is_array(input.x)"],
    ["an order", "not input.x > 3"],
    ["a membership", 'not input.x in {"a"}'],
    ["a lookup", "not data.allowed[input.x]"],
    ["an own function", "not f(input.x)"],
    ["a comparison of something computed", 'not lower(input.x) == "a"'],
  ])("is found for %s, and OPA bears it out", async (_, expression) => {
    const rego = (body: string): string => `package x\n\ndeny contains "x" if {\n\t${body}\n}\n`;
    const functions = "\nf(y) if y == 1\n";
    const [found, ...more] = await check(rego(expression) + functions);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ row: 4, col: 2, code: "check.not_undefined" });
    expect(denyOf(rego(expression) + functions, {}, false)).toEqual([]);
    const mended = `package x\n\n${found?.mend ?? ""}\n${functions}`;
    expect(denyOf(mended, {}, false)).toEqual(["x"]);
    expect(await check(mended)).toEqual([]);
  });

  it.each(["not input.x", 'not input.x == "a"', "not helper"])(
    "is not found where `%s` means what it says",
    async (expression) => {
      const rego = `package x\n\ndeny contains "x" if {\n\t${expression}\n}\n\nhelper if input.x == 1\n`;
      expect(await check(rego)).toEqual([]);
      expect(denyOf(rego, {}, false)).toEqual(["x"]);
    },
  );
});

describe("checkFile", () => {
  it("reads a file as v1, and as v0 where only that parses", async () => {
    expect(await check('package x\n\ndeny contains "x" if input.x\n')).toEqual([]);
    expect(await check('package x\n\ndeny[m] { input.x; m := "x" }\n')).toEqual([]);
    expect(await check('package x\n\ndeny[m] { input.x; m := "x" }\n', 1)).not.toEqual([]);
  });

  it("shows the errors of v1 where neither parses", async () => {
    expect((await check("package x\n\nx := := 1\n"))[0]).toMatchObject({
      file: "x.rego",
      row: 3,
      code: "rego_parse_error",
    });
  });
});

describe("checkPacks", () => {
  it("takes a field that the input doesn't have for an error, and names those that it has", async () => {
    const root = writeFolder({});
    cpSync(POLICIES, root, { recursive: true });
    const file = join(root, "subjects", "tenant_wall", "tenant_wall.rego");
    writeFileSync(
      file,
      readFileSync(file, "utf8").replace('input.principal.tenant != ""', 'input.principal.tennant != ""'),
    );
    const { diagnostics } = await checkPacks(readPackTree(root), opa);
    expect(diagnostics).toMatchObject([{ file: "subjects/tenant_wall/tenant_wall.rego", code: "rego_type_error" }]);
    expect(diagnostics[0]?.message).toMatch(/^undefined ref: input\.principal\.tennant; there are .*\btenant$/);
  });

  it("names files as they lie in the tree, inside messages too", async () => {
    const rego = "# METADATA\n# title: T\n# scope: package\npackage cortexos.rules.p.a\n";
    const { diagnostics } = await checkPacks(readPackTree(writePack({ "a/a.rego": rego, "a/b.rego": rego })), opa);
    expect(diagnostics).toMatchObject([
      { file: "p/a/b.rego", message: expect.stringContaining("redeclared: p/a/a.rego:1") },
    ]);
  });

  it("names every file that doesn't parse", async () => {
    const tree = readPackTree(writePack({ "a/a.rego": "package", "b/b.rego": "package b\n\nx := \n" }));
    const files = (await checkPacks(tree, opa)).diagnostics.map(({ file }) => file);
    expect([...new Set(files)]).toEqual(["p/a/a.rego", "p/b/b.rego"]);
  });
});

describe("checkHouseRules", () => {
  const RULE = `# METADATA
# title: T
# description: D
# scope: package
# custom:
#   id: p.r
#   severity: high
#   since: 0.1.0
package cortexos.rules.p.r

deny contains "x" if input.x
`;
  const TEST = "package cortexos.rules.p.r_test\n\ntest_x if true\n";

  async function houseRules(rule: string, files: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
    const tree = readPackTree(writePack({ "r/r.rego": rule, "r/r_test.rego": TEST, ...files }));
    const { modules, diagnostics } = await checkPacks(tree, opa);
    expect(diagnostics).toEqual([]);
    return checkHouseRules(tree, modules).map(({ code, message }) => `${code}: ${message}`);
  }

  it("is content with a rule that has METADATA and tests", async () => {
    expect(await houseRules(RULE)).toEqual([]);
  });

  it.each([
    ["no METADATA", RULE.replace(/^#.*\n/gm, ""), "a rule needs a `# METADATA` block"],
    ["no title", RULE.replace("# title: T\n", ""), "lacks `title`"],
    ["no description", RULE.replace("# description: D\n", ""), "lacks `description`"],
    ["another id", RULE.replace("id: p.r", "id: p.q"), "must be the package below cortexos.rules: `p.r`"],
    ["an unknown severity", RULE.replace("high", "urgent"), "must be one of low, medium, high, critical"],
    ["no version", RULE.replace("#   since: 0.1.0\n", ""), "`custom.since` must be"],
    ["what is undefined under not", `${RULE}\ndeny contains "y" if not input.x in {1}\n`, "is undefined, not true"],
  ])("finds %s", async (_, rule, message) => {
    expect(await houseRules(rule)).toEqual([expect.stringContaining(message)]);
  });

  it("finds a package that doesn't mirror its folder, and a rule without tests", async () => {
    const found = await houseRules(RULE, { "s/s.rego": RULE.replace("rules.p.r", "rules.p.t") });
    expect(found).toEqual([
      expect.stringContaining("`custom.id` must be"),
      expect.stringContaining("a rule needs tests beside it: `s_test.rego`"),
      expect.stringContaining("package `cortexos.rules.p.t` must mirror its folder: `package cortexos.rules.p.s`"),
    ]);
  });
});
