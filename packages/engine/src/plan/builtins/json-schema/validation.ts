import { compareNumbers, numberToBigInt, type NumberValue } from "../../values/number.ts";
import { jsonKey } from "../../values/json-text.ts";
import { codePointCount } from "../../values/lookup.ts";
import { objectGet, sortedEntries, sortedKeys } from "../../values/object.ts";
import { isNumber, isObject, kindOf, type ObjectValue, type Value } from "../../values/value.ts";
import { comparedText } from "./compared-text.ts";
import { hasFormat } from "./formats.ts";
import { isMultiple, limitText } from "./rational.ts";
import { Outcome, type Place } from "./outcome.ts";
import type { SubSchema } from "./sub-schema.ts";

/** What is being checked. */
interface Check {
  readonly schema: SubSchema;
  readonly node: Value;
  readonly place: Place;
}

/** Checks documents against compiled schemas, in OPA's order, so that errors come in the same one. */
export class Validation {
  readonly #charge: (steps: number) => void;

  constructor(charge: (steps: number) => void) {
    this.#charge = charge;
  }

  /** Checks on its own, for what is merged, counted or dropped by the caller. */
  check(check: Check): Outcome {
    const outcome = new Outcome(check.place);
    this.#validate(check, outcome);
    return outcome;
  }

  #validate({ schema, node, place }: Check, outcome: Outcome): void {
    this.#charge(1);
    if (schema.pass !== undefined) {
      if (!schema.pass) outcome.fail("false", "False always fails validation");
      return;
    }
    if (schema.target !== undefined) return this.#validate({ schema: schema.target, node, place }, outcome);
    const given = typeOf(node);
    if (schema.types.length > 0 && !hasType(schema, given)) {
      const expected = schema.types.length > 1 ? `[${schema.types.join(",")}]` : (schema.types[0] ?? "");
      return outcome.fail("invalid_type", `Invalid type. Expected: ${expected}, given: ${given}`);
    }
    const check = { schema, node, place };
    this.#checkCombinations(check, outcome);
    if (isNumber(node)) checkNumber(schema, node, outcome);
    if (Array.isArray(node)) this.#checkArray(schema, node, outcome);
    if (isObject(node)) this.#checkObject(schema, node, outcome);
    checkCommon(schema, node, outcome);
    if (typeof node === "string") checkString(schema, node, outcome);
    if (isObject(node)) this.#checkProperties(schema, node, outcome);
    outcome.score += 1;
  }

  #checkCombinations(check: Check, outcome: Outcome): void {
    const { schema, node, place } = check;
    const part = (other: SubSchema): Outcome => this.check({ schema: other, node, place });
    if (schema.anyOf.length > 0) checkAnyOf(schema, part, outcome);
    if (schema.oneOf.length > 0) checkOneOf(schema, part, outcome);
    if (schema.allOf.length > 0) {
      const parts = schema.allOf.map(part);
      for (const result of parts) outcome.merge(result);
      if (!parts.every(({ isValid }) => isValid))
        outcome.fail("number_all_of", "Must validate all the schemas (allOf)");
    }
    if (schema.not !== undefined && part(schema.not).isValid) {
      outcome.fail("number_not", "Must not validate the schema (not)");
    }
    this.#checkDependencies(check, outcome);
    if (schema.if !== undefined) checkCondition(schema, part, outcome);
    outcome.score += 1;
  }

  #checkDependencies({ schema, node, place }: Check, outcome: Outcome): void {
    if (schema.dependencies.size === 0 || !isObject(node)) return;
    for (const key of sortedKeys(node)) {
      const dependency = typeof key === "string" ? schema.dependencies.get(key) : undefined;
      if (dependency === undefined) continue;
      if (isNames(dependency)) checkPresent(dependency, node, outcome);
      else this.#validate({ schema: dependency, node, place }, outcome);
    }
  }

  #checkArray(schema: SubSchema, node: readonly Value[], outcome: Outcome): void {
    const { place } = outcome;
    const item = (other: SubSchema, index: number): Outcome =>
      this.check({ schema: other, node: node[index] ?? null, place: { name: String(index), parent: place } });
    for (const index of node.keys()) {
      const itemSchema = schema.isOneItemSchema ? schema.items[0] : schema.items[index];
      if (itemSchema !== undefined) outcome.merge(item(itemSchema, index));
    }
    if (!schema.isOneItemSchema && schema.items.length > 0 && schema.items.length < node.length) {
      const more = schema.additionalItems;
      if (more === false) outcome.fail("array_no_additional_items", "No additional items allowed on array");
      else if (more !== undefined && more !== true) {
        for (let index = schema.items.length; index < node.length; index += 1) outcome.merge(item(more, index));
      }
    }
    const { minItems, maxItems } = schema;
    if (minItems !== undefined && node.length < minItems) {
      outcome.fail("array_min_items", `Array must have at least ${minItems} items`);
    }
    if (maxItems !== undefined && node.length > maxItems) {
      outcome.fail("array_max_items", `Array must have at most ${maxItems} items`);
    }
    if (schema.uniqueItems) checkUnique(node, outcome);
    if (schema.contains !== undefined) checkContains(schema.contains, node, { item, outcome });
    outcome.score += 1;
  }

  #checkObject(schema: SubSchema, node: ObjectValue, outcome: Outcome): void {
    const keys = sortedKeys(node).map(jsonKey);
    const { minProperties, maxProperties } = schema;
    if (minProperties !== undefined && keys.length < minProperties) {
      outcome.fail("array_min_properties", `Must have at least ${minProperties} properties`);
    }
    if (maxProperties !== undefined && keys.length > maxProperties) {
      outcome.fail("array_max_properties", `Must have at most ${maxProperties} properties`);
    }
    for (const name of schema.required) {
      if (objectGet(node, name) === undefined) outcome.fail("required", `${name} is required`);
      else outcome.score += 1;
    }
    for (const [key, value] of sortedEntries(node)) this.#checkMember(schema, { name: jsonKey(key), value }, outcome);
    if (schema.propertyNames !== undefined) this.#checkNames(schema.propertyNames, keys, outcome);
    outcome.score += 1;
  }

  #checkMember(schema: SubSchema, { name, value }: Member, outcome: Outcome): void {
    const place = { name, parent: outcome.place };
    let isKnown = schema.properties.some(({ property }) => property === name);
    let isMatched = false;
    for (const { pattern, schema: other } of schema.patternProperties.values()) {
      if (!pattern.test(name)) continue;
      isMatched = true;
      outcome.merge(this.check({ schema: other, node: value, place }));
    }
    if (isMatched) outcome.score += 1;
    isKnown ||= isMatched;
    const { additionalProperties: more } = schema;
    if (isKnown || more === undefined || more === true) return;
    if (more === false) {
      return outcome.fail("additional_property_not_allowed", `Additional property ${name} is not allowed`);
    }
    outcome.merge(this.check({ schema: more, node: value, place }));
  }

  #checkNames(schema: SubSchema, names: readonly string[], outcome: Outcome): void {
    for (const name of names) {
      const result = this.check({ schema, node: name, place: outcome.place });
      if (result.isValid) continue;
      outcome.fail("invalid_property_name", `Property name of "${name}" does not match`);
      outcome.merge(result);
    }
  }

  #checkProperties(schema: SubSchema, node: ObjectValue, outcome: Outcome): void {
    for (const child of schema.properties) {
      const value = objectGet(node, child.property);
      if (value === undefined) continue;
      const inner = outcome.at({ name: child.property, parent: outcome.place });
      this.#validate({ schema: child, node: value, place: inner.place }, inner);
      outcome.merge(inner);
    }
  }
}

interface Member {
  readonly name: string;
  readonly value: Value;
}

type Part = (schema: SubSchema) => Outcome;

function isNames(dependency: readonly string[] | SubSchema): dependency is readonly string[] {
  return Array.isArray(dependency);
}

function checkPresent(names: readonly string[], node: ObjectValue, outcome: Outcome): void {
  for (const name of names) {
    if (objectGet(node, name) === undefined) outcome.fail("missing_dependency", `Has a dependency on ${name}`);
  }
}

function typeOf(node: Value): string {
  if (isNumber(node)) return numberToBigInt(node) === undefined ? "number" : "integer";
  return kindOf(node);
}

function hasType({ types }: SubSchema, given: string): boolean {
  return types.includes(given) || (given === "integer" && types.includes("number"));
}

/** The first that is valid is enough; of those that aren't, the errors of the one that came furthest are kept. */
function checkAnyOf({ anyOf }: SubSchema, part: Part, outcome: Outcome): void {
  let best: Outcome | undefined;
  for (const schema of anyOf) {
    const result = part(schema);
    if (result.isValid) return;
    if (best === undefined || result.score > best.score) best = result;
  }
  outcome.fail("number_any_of", "Must validate at least one schema (anyOf)");
  if (best !== undefined) outcome.merge(best);
}

function checkOneOf({ oneOf }: SubSchema, part: Part, outcome: Outcome): void {
  let validCount = 0;
  let best: Outcome | undefined;
  for (const schema of oneOf) {
    const result = part(schema);
    if (result.isValid) validCount += 1;
    else if (validCount === 0 && (best === undefined || result.score > best.score)) best = result;
  }
  if (validCount === 1) return;
  outcome.fail("number_one_of", "Must validate one and only one schema (oneOf)");
  if (validCount === 0 && best !== undefined) outcome.merge(best);
}

function checkCondition(schema: SubSchema, part: Part, outcome: Outcome): void {
  const holds = schema.if !== undefined && part(schema.if).isValid;
  const consequence = holds ? schema.then : schema.else;
  const result = consequence === undefined ? undefined : part(consequence);
  if (result === undefined || result.isValid) return;
  if (holds) outcome.fail("condition_then", 'Must validate "then" as "if" was valid');
  else outcome.fail("condition_else", 'Must validate "else" as "if" was not valid');
  outcome.merge(result);
}

function checkUnique(node: readonly Value[], outcome: Outcome): void {
  const seen = new Map<string, number>();
  for (const [index, value] of node.entries()) {
    const text = comparedText(value);
    const earlier = seen.get(text);
    if (earlier !== undefined) outcome.fail("unique", `array items[${earlier},${index}] must be unique`);
    seen.set(text, index);
  }
}

interface Containing {
  readonly item: (schema: SubSchema, index: number) => Outcome;
  readonly outcome: Outcome;
}

function checkContains(schema: SubSchema, node: readonly Value[], { item, outcome }: Containing): void {
  let best: Outcome | undefined;
  for (const index of node.keys()) {
    const result = item(schema, index);
    if (result.isValid) return;
    if (best === undefined || result.score > best.score) best = result;
  }
  outcome.fail("contains", "At least one of the items must match");
  if (best !== undefined) outcome.merge(best);
}

function checkCommon({ constant, enumeration, format }: SubSchema, node: Value, outcome: Outcome): void {
  if (constant !== undefined && comparedText(node) !== constant) {
    outcome.fail("const", `${outcome.field} does not match: ${constant}`);
  }
  if (enumeration !== undefined && !enumeration.includes(comparedText(node))) {
    outcome.fail("enum", `${outcome.field} must be one of the following: ${enumeration.join(", ")}`);
  }
  if (format !== "" && typeof node === "string" && !hasFormat(format, node)) {
    outcome.fail("format", `Does not match format '${format}'`);
  }
  outcome.score += 1;
}

function checkString({ minLength, maxLength, pattern }: SubSchema, node: string, outcome: Outcome): void {
  if (minLength !== undefined && codePointCount(node) < minLength) {
    outcome.fail("string_gte", `String length must be greater than or equal to ${minLength}`);
  }
  if (maxLength !== undefined && codePointCount(node) > maxLength) {
    outcome.fail("string_lte", `String length must be less than or equal to ${maxLength}`);
  }
  if (pattern !== undefined && !pattern.test(node)) {
    outcome.fail("pattern", `Does not match pattern '${pattern.pattern()}'`);
  }
  outcome.score += 1;
}

function checkNumber(schema: SubSchema, node: NumberValue, outcome: Outcome): void {
  const { multipleOf, maximum, exclusiveMaximum, minimum, exclusiveMinimum } = schema;
  if (multipleOf !== undefined && !isMultiple(node, multipleOf)) {
    outcome.fail("multiple_of", `Must be a multiple of ${limitText(multipleOf)}`);
  }
  if (maximum !== undefined && compareNumbers(node, maximum) > 0) {
    outcome.fail("number_lte", `Must be less than or equal to ${limitText(maximum)}`);
  }
  if (exclusiveMaximum !== undefined && compareNumbers(node, exclusiveMaximum) >= 0) {
    outcome.fail("number_lt", `Must be less than ${limitText(exclusiveMaximum)}`);
  }
  if (minimum !== undefined && compareNumbers(node, minimum) < 0) {
    outcome.fail("number_gte", `Must be greater than or equal to ${limitText(minimum)}`);
  }
  if (exclusiveMinimum !== undefined && compareNumbers(node, exclusiveMinimum) <= 0) {
    outcome.fail("number_gt", `Must be greater than ${limitText(exclusiveMinimum)}`);
  }
  outcome.score += 1;
}
