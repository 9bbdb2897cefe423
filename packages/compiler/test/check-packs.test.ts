import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
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
import { inputSchema } from "../src/input-schema.ts";
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
    const [trap, ...more] = await check(PRINTED);
    expect(more).toEqual([]);
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
      'not input.message.payload.roles[_] == "X"',
      "not roles_has_x",
      'roles_has_x if {\n\tinput.message.payload.roles[_] == "X"\n}',
    ],
    [
      "a named variable",
      'not input.message.payload.roles[i] == "X"',
      "not roles_has_x",
      'roles_has_x if {\n\tinput.message.payload.roles[i] == "X"\n}',
    ],
    [
      "a call",
      'not startswith(input.message.payload.tags[_], "safe-")',
      "not tags_has_safe",
      'tags_has_safe if {\n\tstartswith(input.message.payload.tags[_], "safe-")\n}',
    ],
    [
      "a wildcard inside a path",
      "not input.message.payload.items[_].ok",
      "not ok_has_match",
      "ok_has_match if {\n\tinput.message.payload.items[_].ok\n}",
    ],
    [
      "a value of the rule",
      "wanted := input.message.payload.want\n\tnot input.message.payload.roles[_] == wanted",
      "not roles_has_match(wanted)",
      "roles_has_match(wanted) if {\n\tinput.message.payload.roles[_] == wanted\n}",
    ],
    [
      "two lines",
      'not startswith(\n\t\tinput.message.payload.tags[_],\n\t\t"a",\n\t)',
      "not tags_has_a",
      "tags_has_a if {\n",
    ],
    [
      "data",
      "not data.allowed[_] == input.message.payload.x",
      "not allowed_has_match",
      "allowed_has_match if {\n\tdata.allowed[_] == input.message.payload.x\n}",
    ],
    [
      "a with",
      "not input.message.payload.roles[_] == 1 with input.message.payload.y as 2",
      "not roles_has_match",
      "roles_has_match if {\n\tinput.message.payload.roles[_] == 1 with input.message.payload.y as 2\n}",
    ],
  ])("is mended for %s", async (_, ...[expression, call, helper]) => {
    const [trap, ...more] = await check(
      `package x\n\ndeny contains "x" if {\n\tinput.message.payload.on\n\t${expression}\n}\n`,
    );
    expect(more).toEqual([]);
    expect(trap?.mend).toContain(call);
    expect(trap?.mend).toContain(helper);
    expect(await check(`package x\n\n${trap?.mend ?? ""}\n`)).toEqual([]);
  });

  it("is mended at once where a rule has it twice, with names that are free", async () => {
    const rego = `package x\n\nroles_has_a := 1\n\ndeny contains "x" if {\n\tnot input.message.payload.roles[_] == "a"\n\tnot input.message.payload.roles[_] == "b"\n\tnot input.message.payload.groups.roles[_] == "b"\n}\n`;
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
    const found = await check('package x\n\ndeny contains y if {\n\tinput.message.payload.x == "a"\n}\n');
    expect(found).toMatchObject([{ code: "rego_unsafe_var_error", message: "var y is unsafe" }]);
    expect(found[0]).not.toHaveProperty("mend");
  });
});

describe("what is undefined under not", () => {
  it.each([
    ["a call", "not is_array(input.message.payload.x)"],
    ["an order", "not input.message.payload.x > 3"],
    ["a membership", 'not input.message.payload.x in {"a"}'],
    ["a lookup", "not data.allowed[input.message.payload.x]"],
    ["an own function", "not f(input.message.payload.x)"],
    ["a comparison of something computed", 'not lower(input.message.payload.x) == "a"'],
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

  it.each(["not input.message.payload.x", 'not input.message.payload.x == "a"', "not helper"])(
    "is not found where `%s` means what it says",
    async (expression) => {
      const rego = `package x\n\ndeny contains "x" if {\n\t${expression}\n}\n\nhelper if input.message.payload.x == 1\n`;
      expect(await check(rego)).toEqual([]);
      expect(denyOf(rego, {}, false)).toEqual(["x"]);
    },
  );
});

describe("checkFile", () => {
  it("reads a file as v1, and as v0 where only that parses", async () => {
    expect(await check('package x\n\ndeny contains "x" if input.message.payload.x\n')).toEqual([]);
    expect(await check('package x\n\ndeny[m] { input.message.payload.x; m := "x" }\n')).toEqual([]);
    expect(await check('package x\n\ndeny[m] { input.message.payload.x; m := "x" }\n', 1)).not.toEqual([]);
  });

  it("shows the errors of v1 where neither parses", async () => {
    expect((await check("package x\n\nx := := 1\n"))[0]).toMatchObject({
      file: "x.rego",
      row: 3,
      code: "rego_parse_error",
    });
  });
});

describe("checkFile, without a `package` line", () => {
  const RULE = 'deny contains "x" if input.message.subject == "a"\n';

  it("is content with a rule as it is printed somewhere", async () => {
    expect(await check(RULE)).toEqual([]);
  });

  it("misses the line where the file is part of a pack", async () => {
    const found = await checkFile({ file: "x.rego", text: RULE, inPack: true }, opa);
    expect(found).toMatchObject([{ row: 1, col: 1, code: "check.package_missing" }]);
  });
});

describe("the input's schema", () => {
  const MISSPELT = 'package cortexos.rules.p.r\n\ndeny contains "shredding" if input.subject == "files.shred"\n';

  it("is known without a `schemas` folder, in a tree and in a file", async () => {
    const { diagnostics } = await checkPacks(readPackTree(writePack({ "r/r.rego": MISSPELT })), opa);
    const undefinedRef = {
      row: 3,
      col: 30,
      message: expect.stringContaining("undefined ref: input.subject; there are "),
    };
    expect(diagnostics).toMatchObject([{ file: "p/r/r.rego", ...undefinedRef }]);
    expect(await check(MISSPELT)).toMatchObject([undefinedRef]);
  });

  const refine = async (schema: object, field: string): Promise<readonly Diagnostic[]> => {
    const rule = `package cortexos.rules.p.r\n\ndeny contains "x" if input.${field} == "y"\n`;
    const root = writePack({ "r/r.rego": rule });
    mkdirSync(join(root, "schemas"));
    writeFileSync(join(root, "schemas", "input.json"), JSON.stringify(schema));
    return (await checkPacks(readPackTree(root), opa)).diagnostics;
  };
  const payload = { type: "object", additionalProperties: false, properties: { tool: { type: "string" } } };
  const own = { type: "object", properties: { message: { type: "object", properties: { payload } } } };

  it("can be made narrower by the tree's own", async () => {
    expect(await refine(own, "message.payload.tool")).toEqual([]);
    expect(await refine(own, "message.payload.tol")).toMatchObject([
      { message: expect.stringContaining("undefined ref: input.message.payload.tol") },
    ]);
  });

  it("can't be made wider by the tree's own", async () => {
    expect(await refine({ type: "object" }, "subject")).toMatchObject([
      { message: expect.stringContaining("undefined ref: input.subject") },
    ]);
  });

  it("is the schema in policies/schemas, which is the one to edit", () => {
    expect(inputSchema()).toBe(readFileSync(join(POLICIES, "schemas", "input.json"), "utf8"));
  });
});

describe("what nothing defines under data", () => {
  const LIBRARY = 'package cortexos.lib.path\n\ninside(x) if x == 1\n\nroots := {"a"}\n';
  const DATA = '{"limit": 5, "open": {"dev": ["a"]}}';

  async function checkRule(...lines: readonly string[]): Promise<readonly Diagnostic[]> {
    const root = writePack({ "r/r.rego": `package cortexos.rules.p.r\n\n${lines.join("\n")}\n`, "r/data.json": DATA });
    mkdirSync(join(root, "lib", "path"), { recursive: true });
    writeFileSync(join(root, "lib", "path", "path.rego"), LIBRARY);
    writeFileSync(
      join(root, "p", "r", "r_test.rego"),
      "package cortexos.rules.p.r_test\n\ntest_x if data.nothing.here\n",
    );
    return (await checkPacks(readPackTree(root), opa)).diagnostics;
  }

  it.each([
    ["a package", 'deny contains "x" if data.cortexos.lib.nosuch.f == 1', 3, 22, "`data.cortexos.lib` has path"],
    ["a name in a package", 'deny contains "x" if "a" in data.cortexos.lib.path.root', 3, 29, "has inside, roots"],
    ["a name in data", 'deny contains "x" if data.cortexos.rules.p.r.limits > 1', 3, 22, "has deny, limit, open"],
    ["a name deeper in data", 'deny contains "x" if data.cortexos.rules.p.r.open.prod[_] == "a"', 3, 22, "has dev"],
    ["a name before a computed one", 'deny contains "x" if data.cortexos.lib.paths[_] == 1', 3, 22, "lib` has path"],
    ["another tree", 'deny contains "x" if data.acme.limit > 1', 3, 22, "`data` has cortexos"],
    [
      "the tests, which stay out of a bundle",
      'deny contains "x" if data.cortexos.rules.p.r_test.test_x',
      3,
      22,
      "p` has r",
    ],
  ])("is found for %s", async (_, rule, ...[row, col, message]) => {
    const found = await checkRule(rule);
    expect(found).toMatchObject([{ file: "p/r/r.rego", row, col, code: "check.data_undefined" }]);
    expect(found[0]?.message).toContain(message);
  });

  it("is found where it is imported, and through an import", async () => {
    const found = await checkRule(
      "import data.cortexos.lib.nosuch",
      "import data.cortexos.lib.path as p",
      'deny contains "x" if nosuch.f == 1',
      'deny contains "y" if p.root[_] == 1',
      'deny contains "z" if p.inside(1)',
    );
    expect(found.map(({ row, code }) => [row, code])).toEqual([
      [3, "check.data_undefined"],
      [5, "check.data_undefined"],
      [6, "check.data_undefined"],
    ]);
  });

  it("isn't found where rules, data or a computed name may stand", async () => {
    const found = await checkRule(
      "import data.cortexos.lib.path",
      'deny contains "a" if data.cortexos.rules.p.r.open.dev[_] == input.message.subject',
      'deny contains "b" if path.roots[input.message.subject]',
      'deny contains "c" if data.cortexos.rules.p.r.open[input.job_meta.environment].x',
      'deny contains "d" if allowed with data.elsewhere as 1',
      "allowed if data.cortexos.rules.p.r.limit > 1",
    );
    expect(found).toEqual([]);
  });

  it("is told once, by OPA, for a function", async () => {
    const found = await checkRule('deny contains "x" if data.cortexos.lib.path.insid(1)');
    expect(found).toMatchObject([{ code: "rego_type_error", message: expect.stringContaining("undefined function") }]);
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

deny contains "x" if input.message.payload.x
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
    [
      "what is undefined under not",
      `${RULE}\ndeny contains "y" if not input.message.payload.x in {1}\n`,
      "is undefined, not true",
    ],
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
