import { byName, isCompatible, typeText, VALUE_KIND } from "./ast.ts";
import type { Definition, GraphqlValue, Type } from "./ast.ts";
import { suggestionText } from "./suggestions.ts";
import { valueText } from "./value-text.ts";
import type { Rule, Walk } from "./walk-query.ts";

export function noUndefinedVariables(): Rule {
  return {
    value: ({ operation, report }, value) => {
      if (operation === undefined || value.kind !== VALUE_KIND.variable || value.variableDefinition !== undefined)
        return;
      const by = operation.name === "" ? "" : ` by operation "${operation.name}"`;
      report(`Variable "${valueText(value)}" is not defined${by}.`, value.position);
    },
  };
}

export function uniqueInputFieldNames(): Rule {
  return {
    value: ({ report }, { kind, children }) => {
      if (kind !== VALUE_KIND.object) return;
      const seen = new Set<string>();
      for (const { name, position } of children) {
        if (seen.has(name)) report(`There can be only one input field named "${name}".`, position);
        seen.add(name);
      }
    },
  };
}

export function variablesInAllowedPosition(): Rule {
  return {
    value: (walk, value) => {
      if (value.kind === VALUE_KIND.variable) checkVariable(walk, value);
      else if (value.kind === VALUE_KIND.object) checkOneOfVariables(walk, value);
    },
  };
}

function checkVariable({ operation, report }: Walk, value: GraphqlValue): void {
  const { expectedType, variableDefinition } = value;
  if (expectedType === undefined || variableDefinition === undefined || operation === undefined) return;
  const { type, defaultValue } = variableDefinition;
  // Null is no danger where a default takes its place.
  const hasDefault =
    (defaultValue !== undefined && defaultValue.kind !== VALUE_KIND.null) || value.expectedTypeHasDefault;
  const expected: Type = hasDefault ? { ...expectedType, nonNull: false } : expectedType;
  if (isCompatible(type, expected)) return;
  const variable = `Variable "${valueText(value)}" of type "${typeText(type)}"`;
  report(`${variable} used in position expecting type "${typeText(expectedType)}".`, value.position);
}

function checkOneOfVariables({ report }: Walk, { definition, children }: GraphqlValue): void {
  if (definition === undefined || byName(definition.directives, "oneOf") === undefined) return;
  for (const { value } of children) {
    const variable = value.kind === VALUE_KIND.variable ? value.variableDefinition : undefined;
    if (variable === undefined || variable.type.nonNull) continue;
    const subject = `Variable "${valueText(value)}" is of type "${typeText(variable.type)}"`;
    const message = `${subject} but must be non-nullable to be used for OneOf Input Object "${definition.name}".`;
    report(message, variable.position);
  }
}

const OWN_SCALARS = new Set(["Int", "Float", "String", "Boolean", "ID"]);

/** Scalar types that a literal of a kind may stand for. */
const SCALARS_OF: ReadonlyMap<number, readonly string[]> = new Map([
  [VALUE_KIND.int, ["Int", "Float", "ID"]],
  [VALUE_KIND.float, ["Float"]],
  [VALUE_KIND.string, ["String", "ID"]],
  [VALUE_KIND.blockString, ["String", "ID"]],
  [VALUE_KIND.boolean, ["Boolean"]],
]);

export function valuesOfCorrectType(): Rule {
  return {
    value: (walk, value) => {
      const { definition, expectedType, kind, position } = value;
      if (definition === undefined || expectedType === undefined) return;
      if (kind === VALUE_KIND.null && expectedType.nonNull) {
        walk.report(`Expected value of type "${typeText(expectedType)}", found ${valueText(value)}.`, position);
      }
      // Scalars of the schema's own take anything.
      if (definition.kind === "SCALAR" && !OWN_SCALARS.has(definition.name)) return;
      checkKind(walk, value, { definition, type: expectedType });
    },
  };
}

interface Expected {
  readonly definition: Definition;
  readonly type: Type;
}

function checkKind(walk: Walk, value: GraphqlValue, expected: Expected): void {
  const { kind, position } = value;
  if (hasUnreadableNumber(value)) walk.report(wrongType(value, expected), position);
  switch (kind) {
    case VALUE_KIND.null:
    case VALUE_KIND.variable:
      return;
    case VALUE_KIND.list:
      if (expected.type.elem === undefined) walk.report(wrongType(value, expected), position);
      return;
    case VALUE_KIND.enum:
      return checkEnum(walk, value, expected);
    case VALUE_KIND.object:
      return checkObject(walk, value, expected.definition);
    default: {
      const isText = kind === VALUE_KIND.string || kind === VALUE_KIND.blockString;
      if (isText && expected.definition.kind === "ENUM") {
        const hint = enumHint(value.raw, expected.definition);
        const message = `Enum "${typeText(expected.type)}" cannot represent non-enum value: ${valueText(value)}.`;
        return walk.report(message + hint, position);
      }
      const names = SCALARS_OF.get(kind) ?? [];
      if (!names.includes(expected.definition.name)) walk.report(wrongType(value, expected), position);
    }
  }
}

const INT64_MAX = 2n ** 63n;

/** Whether there is a number in it that OPA can't read: 64 bits for integers, a double for fractions. */
function hasUnreadableNumber({ kind, raw, children }: GraphqlValue): boolean {
  if (kind === VALUE_KIND.int) {
    if (!/^[+-]?\d+$/.test(raw)) return true;
    const value = BigInt(raw.replace("+", ""));
    return value >= INT64_MAX || value < -INT64_MAX;
  }
  if (kind === VALUE_KIND.float) return !Number.isFinite(Number(raw)) || raw === "";
  if (kind === VALUE_KIND.boolean) return !BOOLEANS.has(raw);
  return children.some(({ value }) => hasUnreadableNumber(value));
}

/** What Go reads as a boolean. */
const BOOLEANS = new Set(["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"]);

function checkEnum(walk: Walk, value: GraphqlValue, { definition, type }: Expected): void {
  if (definition.kind !== "ENUM") {
    const hint = enumHint(value.raw, definition, false);
    return walk.report(wrongType(value, { definition, type }) + hint, value.position);
  }
  if (byName(definition.enumValues, value.raw) !== undefined) return;
  const message = `Value "${valueText(value)}" does not exist in "${typeText(type)}" enum.`;
  walk.report(message + enumHint(value.raw, definition), value.position);
}

function enumHint(typed: string, { kind, enumValues }: Definition, isQuoted = true): string {
  const names = kind === "ENUM" ? enumValues.map(({ name }) => name) : [];
  return suggestionText("Did you mean the enum value", typed, names, isQuoted);
}

function checkObject({ report }: Walk, { children, position }: GraphqlValue, definition: Definition): void {
  for (const { name, type, defaultValue } of definition.fields) {
    if (!type.nonNull || defaultValue !== undefined || byName(children, name) !== undefined) continue;
    const field = `Field "${definition.name}.${name}" of required type "${typeText(type)}"`;
    report(`${field} was not provided.`, position);
  }
  for (const directive of definition.directives) {
    if (directive.name !== "oneOf") continue;
    const [only, ...more] = children;
    if (only === undefined || more.length > 0) {
      report(`OneOf Input Object "${definition.name}" must specify exactly one key.`, position);
    } else if (only.value.kind === VALUE_KIND.null) {
      report(`Field "${definition.name}.${definition.fields[0]?.name}" must be non-null.`, only.value.position);
    }
  }
  const names = definition.fields.map(({ name }) => name);
  for (const child of children) {
    if (names.includes(child.name)) continue;
    const hint = suggestionText("Did you mean", child.name, names);
    report(`Field "${child.name}" is not defined by type "${definition.name}".${hint}`, child.position);
  }
}

const WRONG_TYPE: ReadonlyMap<string, string> = new Map([
  ["String", "String cannot represent a non string value:"],
  ["[String]", "String cannot represent a non string value:"],
  ["Boolean", "Boolean cannot represent a non boolean value:"],
  ["Float", "Float cannot represent non numeric value:"],
  ["ID", "ID cannot represent a non-string and non-integer value:"],
]);

function wrongType(value: GraphqlValue, { definition, type }: Expected): string {
  const name = typeText(type);
  const text = valueText(value);
  if (name === "Int" || name === "Int!") {
    const isOutside = /^[+-]?\d+$/.test(value.raw) && Math.abs(Number(value.raw)) >= 2 ** 31;
    return `Int cannot represent ${isOutside ? "non 32-bit signed integer" : "non-integer"} value: ${text}`;
  }
  const words = WRONG_TYPE.get(name.endsWith("!") && name !== "[String]!" ? name.slice(0, -1) : name);
  if (words !== undefined) return `${words} ${text}`;
  if (definition.kind === "ENUM") return `Enum "${name}" cannot represent non-enum value: ${text}.`;
  return `Expected value of type "${name}", found ${text}.`;
}
