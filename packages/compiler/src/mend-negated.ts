import { isFields, itemsOf, memberAt, textOr, type Fields } from "./json-access.ts";
import type { RegoModule, RegoPlace, RegoRule } from "./rego-module.ts";

/** An expression under `not` that doesn't mean what it says, and the rule it stands in. */
export interface NegatedTrap {
  readonly rule: RegoRule;
  readonly node: Fields;
  readonly place: RegoPlace;
  /** Names of variables that only stand under this `not`. */
  readonly unsafe: ReadonlySet<string>;
}

/** Negated expressions, innermost first, so that a nested one gets its own trap. */
export function negatedIn(node: unknown): readonly Fields[] {
  if (Array.isArray(node)) return node.flatMap(negatedIn);
  if (!isFields(node)) return [];
  const inner = Object.values(node).flatMap(negatedIn);
  return node["negated"] === true ? [...inner, node] : inner;
}

export interface MendContext {
  readonly module: RegoModule;
  readonly taken: Set<string>;
}

/** A rule with each trap's search moved into a helper of its own, and the helpers; ready to paste. */
export function mendRule(rule: RegoRule, traps: readonly NegatedTrap[], context: MendContext): string {
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
function replaceAt(text: string, { rule, place }: NegatedTrap, replacement: string): string {
  const rows = text.split("\n");
  const from = rows.slice(0, place.row - rule.place.row).join("\n").length;
  const at = text.indexOf(place.text, from);
  return at === -1 ? text : text.slice(0, at) + replacement + text.slice(at + place.text.length);
}

/** Variables of the expression that the rest of the rule gives a value: the helper takes them as arguments. */
function parametersOf(trap: NegatedTrap, { imports, rules }: RegoModule): readonly string[] {
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

/** For example `roles_has_sre_lead`: what is searched and what for; `amount_holds` where nothing is searched. */
function helperName(node: Fields): string {
  const refs = refsIn(node["terms"]);
  const searched = refs.filter(hasVariableStep).map(lastName).find(isText);
  const named = refs
    .filter((steps) => memberAt(steps, 0, "value") === "input")
    .map(lastName)
    .find(isText);
  const constant = itemsOf(node["terms"])
    .map((term) => (memberAt(term, "type") === "string" ? textOr(memberAt(term, "value"), "") : ""))
    .find((text) => text !== "");
  const parts = searched === undefined ? [named ?? "it", "holds"] : [searched, "has", constant ?? "match"];
  const slug = parts
    .join("_")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_");
  return slug.replaceAll(/^[_0-9]+|_+$/g, "").slice(0, NAME_CHARS_MAX);
}

const NAME_CHARS_MAX = 60;

function refsIn(node: unknown): readonly (readonly unknown[])[] {
  if (Array.isArray(node)) return node.flatMap(refsIn);
  if (!isFields(node)) return [];
  const inner = Object.values(node).flatMap(refsIn);
  return node["type"] === "ref" ? [itemsOf(node["value"]), ...inner] : inner;
}

function hasVariableStep(steps: readonly unknown[]): boolean {
  return steps.slice(1).some((step) => memberAt(step, "type") === "var");
}

function lastName(steps: readonly unknown[]): string | undefined {
  const names = steps.slice(1).filter((step) => memberAt(step, "type") === "string");
  const name = memberAt(names.at(-1), "value");
  return typeof name === "string" ? name : undefined;
}

function isText(name: string | undefined): name is string {
  return name !== undefined;
}

function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let n = 2; taken.has(free); n++) free = `${name}_${n}`;
  taken.add(free);
  return free;
}
