import type { Diagnostic } from "./diagnostic.ts";
import { isFields, itemsOf, memberAt, type Fields } from "./json-access.ts";
import { mendRule, negatedIn, type NegatedTrap } from "./mend-negated.ts";
import { readPlace, type RegoModule } from "./rego-module.ts";

/**
 * Finds expressions under `not` that are undefined, instead of true, when a part of the input is missing: `not is_array(input.x)`,
 * `not input.x > 3`, `not input.x in allowed`, `not allowed[input.x]`. OPA evaluates what is passed before it evaluates `not`, so a rule
 * with such an expression doesn't fire for what is missing. `not input.x` and `not input.x == "y"` are sound.
 */
export function findUndefinedNot(module: RegoModule): readonly Diagnostic[] {
  const taken = new Set(module.rules.map((rule) => rule.name));
  return module.rules.flatMap((rule) => {
    const traps = negatedIn(rule.node)
      .filter((node) => passesInput(node) && !hasWildcard(node))
      .map((node): NegatedTrap => {
        return { rule, node, place: readPlace(node["location"]), unsafe: new Set() };
      });
    if (traps.length === 0) return [];
    const mend = mendRule(rule, traps, { module, taken });
    return traps.map(({ place }, i) => diagnosticAt(module, place, i === traps.length - 1 ? mend : undefined));
  });
}

function diagnosticAt(module: RegoModule, place: NegatedTrap["place"], mend: string | undefined): Diagnostic {
  const expression = place.text.replaceAll(/\s+/g, " ");
  return {
    file: module.file,
    row: place.row,
    col: place.col,
    code: "check.not_undefined",
    message: `\`${expression}\` is undefined, not true, when the input lacks what it names; let a rule of its own say what must hold, and negate that rule:`,
    ...(mend === undefined ? {} : { mend }),
  };
}

function passesInput(node: Fields): boolean {
  const terms = node["terms"];
  if (!Array.isArray(terms))
    return memberAt(terms, "type") === "ref" && itemsOf(memberAt(terms, "value")).slice(1).some(namesInput);
  const operator = memberAt(terms, 0, "value", 0, "value");
  const passed: readonly unknown[] = terms.slice(1);
  // A comparison with `==` is the one call that OPA unifies under `not`, unless a side is itself computed.
  return SOUND.has(String(operator)) ? passed.some(computesInput) : passed.some(namesInput);
}

const SOUND = new Set(["equal", "eq"]);

/** Whether a term is computed from the input: a call on it, or a lookup by it. */
function computesInput(term: unknown): boolean {
  const value = memberAt(term, "value");
  if (memberAt(term, "type") === "call") return itemsOf(value).slice(1).some(namesInput);
  return memberAt(term, "type") === "ref" && itemsOf(value).slice(1).some(namesInput);
}

/** With a wildcard OPA refuses the expression anyway. */
function hasWildcard(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(hasWildcard);
  if (!isFields(node)) return false;
  const value = node["value"];
  if (node["type"] === "var" && typeof value === "string" && value.startsWith("$")) return true;
  return Object.values(node).some(hasWildcard);
}

function namesInput(term: unknown): boolean {
  if (Array.isArray(term)) return term.some(namesInput);
  if (!isFields(term)) return false;
  const isRoot = term["type"] === "var" && term["value"] === "input";
  return isRoot || namesInput(term["value"]);
}
