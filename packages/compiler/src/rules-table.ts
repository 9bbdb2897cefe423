import { CompilerError } from "./compiler-error.ts";
import { findRulePackages, ruleIdOf } from "./main-module.ts";
import type { PackTree } from "./pack-tree.ts";
import { isTestPath } from "./pack-tree.ts";
import type { RegoModule } from "./rego-module.ts";

/**
 * A Markdown table of a tree's rules, made from their METADATA: rule, effects, severity, what it does, since.
 *
 * @throws CompilerError `compiler.rules_table` for a rule without METADATA.
 */
export function rulesTable(tree: PackTree, modules: readonly RegoModule[]): string {
  const rows = modules.flatMap((module) => {
    const [rulePackage] = isTestPath(module.file) ? [] : findRulePackages([module]);
    if (rulePackage === undefined) return [];
    const id = ruleIdOf(module.packagePath);
    const { metadata } = module;
    if (metadata === undefined) throw new CompilerError("compiler.rules_table", `rule \`${id}\` has no METADATA`);
    const folder = tree.origins.get(module.file)?.split("/").slice(0, -1).join("/") ?? "";
    const effects = rulePackage.effects.map((effect) => `\`${effect}\``).join(", ");
    const { severity, since } = metadata.custom;
    return [[`[\`${id}\`](${folder}/README.md)`, effects, String(severity), cell(metadata.description), String(since)]];
  });
  return markdownTable([["rule", "effect", "severity", "what it does", "since"], ...rows]);
}

function cell(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|").trim();
}

/** Columns are padded as the formatter does it, so that a generated table is also a formatted one. */
function markdownTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((text, i) => text.padEnd(widths[i] ?? 0)).join(" | ")} |\n`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("");
}
