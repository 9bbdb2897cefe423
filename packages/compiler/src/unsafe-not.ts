import type { Diagnostic } from "./diagnostic.ts";
import { mendRule, negatedIn, type NegatedTrap } from "./mend-negated.ts";
import { readPlace, type RegoModule, type RegoPlace, type RegoRule } from "./rego-module.ts";

/**
 * Explains the trap of a search under `not`: `not input.roles[_] == "X"` is refused by OPA with `var _ is unsafe`, because a variable that
 * only stands under `not` ranges over everything. The mend is a helper rule that searches, and `not` before the helper.
 *
 * @param module - syntax tree of the file that the diagnostics are about.
 * @returns the diagnostics, those of the trap with an explanation and the mended rule.
 */
export function explainUnsafeNot(module: RegoModule, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const taken = new Set(module.rules.map((rule) => rule.name));
  const traps = module.rules.flatMap((rule) => findTraps(rule, module, diagnostics));
  const mends = new Map<RegoRule, string>();
  for (const { rule } of traps) {
    if (!mends.has(rule))
      mends.set(
        rule,
        mendRule(
          rule,
          traps.filter((trap) => trap.rule === rule),
          { module, taken },
        ),
      );
  }
  return diagnostics.flatMap((diagnostic) => {
    const trap = traps.find(({ causes }) => causes.includes(diagnostic));
    if (trap === undefined) return [diagnostic];
    if (trap.causes[0] !== diagnostic) return [];
    const last = traps.findLast(({ rule }) => rule === trap.rule) === trap;
    const mend = last ? mends.get(trap.rule) : undefined;
    return [{ ...diagnostic, message: explanation(trap), ...(mend === undefined ? {} : { mend }) }];
  });
}

interface Trap extends NegatedTrap {
  /** What OPA said about this expression. */
  readonly causes: readonly Diagnostic[];
}

function findTraps(rule: RegoRule, module: RegoModule, diagnostics: readonly Diagnostic[]): readonly Trap[] {
  return negatedIn(rule.node).flatMap((node) => {
    const place = readPlace(node["location"]);
    const causes = diagnostics.filter(
      ({ file, row, col, message }) => file === module.file && UNSAFE.test(message) && covers(place, row, col),
    );
    const unsafe = new Set(causes.map(({ message }) => UNSAFE.exec(message)?.[1] ?? "_"));
    return causes.length === 0 ? [] : [{ rule, node, place, causes, unsafe }];
  });
}

const UNSAFE = /^var (\w+) is unsafe$/;

function covers(place: RegoPlace, row: number, col: number): boolean {
  const lines = place.text.split("\n");
  if (row < place.row || row > place.row + lines.length - 1) return false;
  return row === place.row ? col >= place.col && col < place.col + Math.max(1, lines[0]?.length ?? 1) : true;
}

function explanation({ place, unsafe }: Trap): string {
  const names = [...unsafe].map((name) => `\`${name}\``).join(" and ");
  const expression = place.text.replaceAll(/\s+/g, " ");
  return (
    `in \`${expression}\`, ${names} is searched under \`not\`, where Rego can't search (OPA: var ${[...unsafe].join(", ")} is unsafe); ` +
    "let a rule of its own search, and negate that rule:"
  );
}
