import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkHouseRules, checkPacks, readPackTree, rulesTable, testPacks } from "@cortexos/compiler";
import { describe, expect, it } from "vitest";
import { openOpa, POLICIES, writeFolder } from "./pack-folder.ts";

const opa = await openOpa();
const tree = readPackTree(POLICIES);
const checked = await checkPacks(tree, opa);

describe("the repository's packs", () => {
  it("pass OPA's strict check, the input's schema and the house rules", () => {
    expect([...checked.diagnostics, ...checkHouseRules(tree, checked.modules)]).toEqual([]);
  });

  it("pass their tests, which run all of every rule", async () => {
    const { results, coverage } = await testPacks(tree, opa, { coverage: true });
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    const rules = checked.rulePackages.map(({ packagePath }) => packagePath.slice(2).join("/"));
    const covered = coverage.map(({ file }) => file.split("/").slice(0, -1).join("/"));
    expect(rules.filter((rule) => !covered.includes(rule))).toEqual([]);
    expect(coverage.filter(({ percent }) => percent < 100)).toEqual([]);
  });

  it("have the table of rules in the README that their METADATA says", () => {
    const readme = readFileSync(join(POLICIES, "README.md"), "utf8");
    const table = /<!-- rules:[^\n]*-->\n\n(.*?)\n<!-- \/rules -->/s.exec(readme)?.[1];
    expect(table).toBe(rulesTable(tree, checked.modules));
  });

  it("have a page for every rule, with what it does, why, and how it is configured", () => {
    for (const { packagePath } of checked.rulePackages) {
      const page = join(POLICIES, ...packagePath.slice(2), "README.md");
      expect([page, existsSync(page)]).toEqual([page, true]);
      const headings = [...readFileSync(page, "utf8").matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
      expect([page, ...headings.slice(-2)]).toEqual([page, "Why", "Configuration"]);
    }
  });

  it("allow by rbac alone", () => {
    const allowing = checked.rulePackages.filter(({ effects }) => effects.includes("allow"));
    expect(allowing.map(({ packagePath }) => packagePath.join("."))).toEqual(["cortexos.rules.rbac.grant"]);
  });
});

describe("schemas/input.json", () => {
  it("says exactly what the type Input says, in both directions", () => {
    expect(compileFaults(typeOf(readSchema()))).toBe("");
  });

  it.each([
    ["a field that is missing", (text: string) => text.replace(/"now_ns": \{[^}]*\}/, '"nowns": { "type": "string" }')],
    ["a field that is optional", (text: string) => text.replace('"hop_count", ', "")],
    [
      "another type",
      (text: string) => text.replace('"size_bytes": { "type": "integer" }', '"size_bytes": { "type": "string" }'),
    ],
    ["a value more", (text: string) => text.replace('"human"]', '"human", "robot"]')],
  ])("would be caught with %s", (_, change) => {
    const text = readFileSync(join(POLICIES, "schemas", "input.json"), "utf8");
    expect(change(text)).not.toBe(text);
    expect(compileFaults(typeOf(JSON.parse(change(text))))).toContain("TS2322");
  });
});

function readSchema(): unknown {
  return JSON.parse(readFileSync(join(POLICIES, "schemas", "input.json"), "utf8"));
}

interface Schema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
}

/** A schema of the few forms that ours has, as a TypeScript type. */
function typeOf(schema: unknown): string {
  const { type, enum: values, items, properties, required = [], additionalProperties } = schema as Schema;
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(" | ");
  if (type === undefined) return "JsonValue";
  if (type === "string") return "string";
  if (type === "integer") return "number";
  if (type === "array") return `readonly (${typeOf(items)})[]`;
  if (properties === undefined)
    return additionalProperties === true ? "JsonObject" : `Readonly<Record<string, ${typeOf(additionalProperties)}>>`;
  const members = Object.entries(properties).map(
    ([name, member]) => `readonly ${name}${required.includes(name) ? "" : "?"}: ${typeOf(member)};`,
  );
  return `{ ${members.join(" ")} }`;
}

function compileFaults(type: string): string {
  const require = createRequire(import.meta.url);
  const tsc = join(require.resolve("typescript/package.json"), "..", "bin", "tsc");
  const source = (name: string): string => fileURLToPath(new URL(`../../protocol/src/${name}.ts`, import.meta.url));
  const text = `
import type { Input } from ${JSON.stringify(source("input"))};
import type { JsonObject, JsonValue } from ${JSON.stringify(source("json-value"))};
type FromSchema = ${type};
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
export const same: Same<Input, FromSchema> = true;
`;
  const folder = writeFolder({ "same.ts": text });
  const options = [
    "--ignoreConfig",
    "--noEmit",
    "--strict",
    "--exactOptionalPropertyTypes",
    "--allowImportingTsExtensions",
    "--module",
    "nodenext",
    "--target",
    "es2023",
    "--skipLibCheck",
    "--types",
    "",
  ];
  try {
    execFileSync(process.execPath, [tsc, ...options, join(folder, "same.ts")], { encoding: "utf8", stdio: "pipe" });
    return "";
  } catch (reason) {
    return String((reason as { readonly stdout?: string }).stdout);
  }
}
