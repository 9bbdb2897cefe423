import { sortDiagnostics, type Diagnostic } from "./diagnostic.ts";
import {
  checkEffectRules,
  findRulePackages,
  mainModuleText,
  MAIN_PATH,
  ruleIdOf,
  type RulePackage,
} from "./main-module.ts";
import { checkTypes } from "./input-schema.ts";
import type { OpaBackend, RegoTree } from "./opa-backend.ts";
import { isTestPath, type PackTree } from "./pack-tree.ts";
import { readRegoModule, type RegoModule } from "./rego-module.ts";
import { findUndefinedData } from "./undefined-data.ts";
import { findUndefinedNot } from "./undefined-not.ts";
import { explainUnsafeNot } from "./unsafe-not.ts";

/** What a check found out. */
export interface CheckedPacks {
  readonly modules: readonly RegoModule[];
  readonly rulePackages: readonly RulePackage[];
  /** The tree with the generated `cortexos.main`. */
  readonly sources: RegoTree;
  /** Sorted; files as below the tree's root. Empty means that the tree can be built. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Checks a tree as a build does: syntax, effects that are sets, OPA's strict check against the input that the gate gives, and nothing read
 * under `data` that nothing defines.
 *
 * @throws CompilerError when OPA can't run.
 */
export async function checkPacks(tree: PackTree, opa: OpaBackend): Promise<CheckedPacks> {
  const parsed = await opa.parse(tree.sources);
  const modules: RegoModule[] = [];
  const syntax: Diagnostic[] = [];
  for (const [i, source] of tree.sources.rego.entries()) {
    const result = parsed[i];
    if (result === undefined) continue;
    if (result.ok) modules.push(readRegoModule(source, result.module));
    else syntax.push(...result.diagnostics);
  }
  const own = modules.filter((module) => !isTestPath(module.file));
  const rulePackages = findRulePackages(own);
  const main = { path: MAIN_PATH, text: mainModuleText(rulePackages), regoVersion: 1 } as const;
  const sources = { ...tree.sources, rego: [...tree.sources.rego, main] };
  const effects = checkEffectRules(own);
  const stopped = syntax.length > 0 || effects.length > 0;
  const found = stopped ? [...syntax, ...effects] : await checkMeaning(tree, { modules: own, sources }, opa);
  const explained = modules.reduce((all, module) => explainUnsafeNot(module, all), found);
  return { modules, rulePackages, sources, diagnostics: sortDiagnostics(explained.map((d) => atOrigin(tree, d))) };
}

async function checkMeaning(
  tree: PackTree,
  { modules, sources }: Pick<CheckedPacks, "modules" | "sources">,
  opa: OpaBackend,
): Promise<readonly Diagnostic[]> {
  const types = await checkTypes(opa, sources, tree.inputSchema);
  // OPA itself speaks of functions that are not there.
  const undefinedData = findUndefinedData(modules, sources.data).filter(
    ({ file, row, col }) => !types.some((other) => other.file === file && other.row === row && other.col === col),
  );
  return [...types, ...undefinedData];
}

/**
 * House rules for packs, beyond what a build needs: a package mirrors its folder, a rule has METADATA whose id is its package's, and a
 * test beside it; nothing under `not` is undefined where the input lacks a field.
 */
export function checkHouseRules(tree: PackTree, modules: readonly RegoModule[]): readonly Diagnostic[] {
  const rules = modules.filter((module) => isRuleModule(module));
  const found = [
    ...modules.flatMap(checkPackagePath),
    ...modules.filter((module) => !isTestPath(module.file)).flatMap(findUndefinedNot),
    ...rules.flatMap(checkMetadata),
    ...rules.flatMap((module) => checkTestBeside(module, modules)),
  ];
  return sortDiagnostics(found.map((diagnostic) => atOrigin(tree, diagnostic)));
}

const SEVERITIES = ["low", "medium", "high", "critical"];

function isRuleModule(module: RegoModule): boolean {
  return !isTestPath(module.file) && findRulePackages([module]).length > 0;
}

function checkPackagePath(module: RegoModule): readonly Diagnostic[] {
  const folder = module.file.split("/").slice(0, -1);
  const wanted = isTestPath(module.file) ? `${folder.join(".")}_test` : folder.join(".");
  const actual = module.packagePath.join(".");
  if (actual === wanted) return [];
  return [
    atPackage(module, "check.package_path", `package \`${actual}\` must mirror its folder: \`package ${wanted}\``),
  ];
}

function checkMetadata(module: RegoModule): readonly Diagnostic[] {
  const { metadata } = module;
  const code = "check.metadata";
  if (metadata === undefined) {
    return [
      atPackage(
        module,
        code,
        "a rule needs a `# METADATA` block with title, description and custom id, severity, since",
      ),
    ];
  }
  const { title, description, custom } = metadata;
  const id = ruleIdOf(module.packagePath);
  const wrong = [
    title === "" ? "METADATA lacks `title`" : "",
    description === "" ? "METADATA lacks `description`" : "",
    custom["id"] === id ? "" : `METADATA \`custom.id\` must be the package below cortexos.rules: \`${id}\``,
    SEVERITIES.some((severity) => severity === custom["severity"])
      ? ""
      : `METADATA \`custom.severity\` must be one of ${SEVERITIES.join(", ")}`,
    /^\d+\.\d+\.\d+$/.test(String(custom["since"]))
      ? ""
      : "METADATA `custom.since` must be the version that brought the rule, such as 0.1.0",
  ];
  return wrong.filter((message) => message !== "").map((message) => atPackage(module, code, message));
}

function checkTestBeside(module: RegoModule, modules: readonly RegoModule[]): readonly Diagnostic[] {
  const wanted = module.file.replace(/\.rego$/, "_test.rego");
  if (modules.some(({ file }) => file === wanted)) return [];
  return [atPackage(module, "check.test_missing", `a rule needs tests beside it: \`${wanted.split("/").at(-1)}\``)];
}

function atPackage(module: RegoModule, code: string, message: string): Diagnostic {
  const { row, col } = module.packagePlace;
  return { file: module.file, row, col, code, message };
}

/** Names files as they lie in the tree instead of in the bundle, in the message too. */
export function atOrigin(tree: PackTree, diagnostic: Diagnostic): Diagnostic {
  const file = tree.origins.get(diagnostic.file) ?? diagnostic.file;
  const message = diagnostic.message.replaceAll(/[\w./-]+\.(?:rego|json)\b/g, (path) => tree.origins.get(path) ?? path);
  return { ...diagnostic, file, message };
}
