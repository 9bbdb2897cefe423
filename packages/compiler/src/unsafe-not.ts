import type { Diagnostic } from "./diagnostic.ts";
import { isFields, itemsOf, memberAt, textOr, type Fields } from "./json-access.ts";
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

interface Trap {
  readonly rule: RegoRule;
  readonly node: Fields;
  readonly place: RegoPlace;
  /** What OPA said about this expression. */
  readonly causes: readonly Diagnostic[];
  /** Names of the variables that only stand under this `not`. */
  readonly unsafe: ReadonlySet<string>;
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

/** Negated expressions, innermost first, so that a nested one gets its own trap. */
function negatedIn(node: unknown): readonly Fields[] {
  if (Array.isArray(node)) return node.flatMap(negatedIn);
  if (!isFields(node)) return [];
  const inner = Object.values(node).flatMap(negatedIn);
  return node["negated"] === true ? [...inner, node] : inner;
}

function explanation({ place, unsafe }: Trap): string {
  const names = [...unsafe].map((name) => `\`${name}\``).join(" and ");
  const expression = place.text.replaceAll(/\s+/g, " ");
  return (
    `in \`${expression}\`, ${names} is searched under \`not\`, where Rego can't search (OPA: var ${[...unsafe].join(", ")} is unsafe); ` +
    "let a rule of its own search, and negate that rule:"
  );
}

interface MendContext {
  readonly module: RegoModule;
  readonly taken: Set<string>;
}

function mendRule(rule: RegoRule, traps: readonly Trap[], context: MendContext): string {
  let text = rule.place.text;
  const helpers: string[] = [];
  for (const trap of traps) {
    const name = freeName(helperName(trap.node), context.taken);
    const parameters = parametersOf(trap, context.module);
    const call = parameters.length === 0 ? name : `${name}(${parameters.join(", ")})`;
    text = replaceAt(text, trap, `not ${call}`);
    const body = trap.place.text.replace(/^not\s+/, "");
    helpers.push(context.module.usesIf ? `${call} if {\n\t${body}\n}` : `${call} {\n    ${body}\n}`);
  }
  return [text, ...helpers].join("\n\n");
}

/** Replaces the expression in its rule's text; searched from its own row on, so an equal one before it stays. */
function replaceAt(text: string, { rule, place }: Trap, replacement: string): string {
  const rows = text.split("\n");
  const from = rows.slice(0, place.row - rule.place.row).join("\n").length;
  const at = text.indexOf(place.text, from);
  return at === -1 ? text : text.slice(0, at) + replacement + text.slice(at + place.text.length);
}

/** Variables of the expression that the rest of the rule gives a value: the helper takes them as arguments. */
function parametersOf(trap: Trap, { imports, rules }: RegoModule): readonly string[] {
  const known = new Set(["input", "data", ...imports, ...rules.map((rule) => rule.name), ...trap.unsafe]);
  const elsewhere = new Set(variablesIn(trap.rule.node, trap.node));
  const inside = new Set(variablesIn([trap.node["terms"], trap.node["with"]]));
  return [...inside].filter((name) => elsewhere.has(name) && !known.has(name) && !name.startsWith("$")).sort();
}

function variablesIn(node: unknown, except?: Fields): readonly string[] {
  if (node === except) return [];
  if (Array.isArray(node)) return node.flatMap((item) => variablesIn(item, except));
  if (!isFields(node)) return [];
  const value = node["value"];
  if (node["type"] === "var" && typeof value === "string") return [value];
  if (node["type"] === "call")
    return itemsOf(value)
      .slice(1)
      .flatMap((term) => variablesIn(term, except));
  return Object.entries(node).flatMap(([key, member]) =>
    // The first of an expression's terms is its operator, which is no variable.
    variablesIn(key === "terms" && Array.isArray(member) ? member.slice(1) : member, except),
  );
}

/** For example `roles_has_sre_lead`: what is searched and what for. */
function helperName(node: Fields): string {
  const searched = wildcardRefs(node["terms"])
    .map(lastName)
    .find((name) => name !== undefined);
  const constant = itemsOf(node["terms"])
    .map((term) => (memberAt(term, "type") === "string" ? textOr(memberAt(term, "value"), "") : ""))
    .find((text) => text !== "");
  const slug = [searched ?? "any", "has", constant ?? "match"]
    .join("_")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_");
  return slug.replaceAll(/^_+|_+$/g, "").slice(0, 60);
}

function wildcardRefs(node: unknown): readonly (readonly unknown[])[] {
  if (Array.isArray(node)) return node.flatMap(wildcardRefs);
  if (!isFields(node)) return [];
  const inner = Object.values(node).flatMap(wildcardRefs);
  const steps = itemsOf(node["value"]);
  const searches = node["type"] === "ref" && steps.slice(1).some((step) => memberAt(step, "type") === "var");
  return searches ? [steps, ...inner] : inner;
}

function lastName(steps: readonly unknown[]): string | undefined {
  const names = steps.slice(1).filter((step) => memberAt(step, "type") === "string");
  const name = memberAt(names.at(-1), "value");
  return typeof name === "string" ? name : undefined;
}

function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let n = 2; taken.has(free); n++) free = `${name}_${n}`;
  taken.add(free);
  return free;
}
