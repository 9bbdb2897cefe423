import { compileRegex, isRegexFailure } from "../regex.ts";
import { compareNumbers, numberToInt64, type NumberValue } from "../../values/number.ts";
import { jsonKey } from "../../values/json-text.ts";
import { sortedEntries } from "../../values/object.ts";
import { isNumber, isObject, type Value } from "../../values/value.ts";
import { comparedText } from "./compared-text.ts";
import { isSchemaNode, wrongType, type Members } from "./members.ts";
import { DRAFT, refuseSchema, type SubSchema } from "./sub-schema.ts";

/** Where a keyword stands. */
export interface KeywordPlace {
  readonly schema: SubSchema;
  readonly members: Members;
  /** Compiles a schema within this one. */
  readonly compile: (property: string, node: Value) => SubSchema;
}

type Keyword = (place: KeywordPlace) => void;

const TYPES = ["array", "boolean", "integer", "number", "null", "object", "string"];

function type({ schema, members }: KeywordPlace): void {
  const value = members.get("type");
  if (value === undefined) return;
  for (const name of Array.isArray(value) ? value : [value]) {
    if (typeof name !== "string") return wrongType("type", "string/Array Of Strings");
    if (!TYPES.includes(name)) {
      const words = `has a primitive type that is NOT VALID -- given: /${name}/ Expected valid values are:[${TYPES.join(" ")}]`;
      refuseSchema(words);
    }
    if (schema.types.includes(name)) refuseSchema(`${name} type is duplicated`);
    schema.types.push(name);
  }
}

function properties({ schema, members, compile }: KeywordPlace): void {
  const value = members.get("properties");
  if (value === undefined) return;
  if (!isObject(value)) return refuseSchema("Properties must be of type object");
  for (const [name, node] of sortedEntries(value)) schema.properties.push(compile(jsonKey(name), node));
}

function additionalProperties({ schema, members, compile }: KeywordPlace): void {
  const value = members.get("additionalProperties");
  if (value === undefined) return;
  if (!isSchemaNode(value)) wrongType("boolean/Valid Schema", "additionalProperties");
  schema.additionalProperties = typeof value === "boolean" ? value : compile("additionalProperties", value);
}

function patternProperties({ schema, members, compile }: KeywordPlace): void {
  const value = members.get("patternProperties");
  if (value === undefined) return;
  if (!isObject(value)) return wrongType("Valid Schema", "patternProperties");
  for (const [name, node] of sortedEntries(value)) {
    const pattern = regexOf(jsonKey(name)) ?? refuseSchema(`Invalid regex pattern '${jsonKey(name)}'`);
    schema.patternProperties.set(jsonKey(name), { pattern, schema: compile(jsonKey(name), node) });
  }
}

function propertyNames({ schema, members, compile }: KeywordPlace): void {
  const value = members.get("propertyNames");
  if (value === undefined || schema.draft < DRAFT.six) return;
  if (!isSchemaNode(value)) wrongType("Valid Schema", "patternProperties");
  schema.propertyNames = compile("propertyNames", value);
}

function dependencies({ schema, members, compile }: KeywordPlace): void {
  const value = members.get("dependencies");
  if (value === undefined) return;
  if (!isObject(value)) return refuseSchema("dependencies must be of type object");
  for (const [name, node] of sortedEntries(value)) {
    const key = jsonKey(name);
    if (isSchemaNode(node)) schema.dependencies.set(key, compile(key, node));
    else if (!Array.isArray(node) || !node.every((item) => typeof item === "string")) {
      refuseSchema("Dependency must be of type Schema Or Array Of Strings");
    } else if (node.length > 0) schema.dependencies.set(key, node);
  }
}

function items({ schema, members, compile }: KeywordPlace): void {
  const value = members.get("items");
  if (value === undefined) return;
  schema.isOneItemSchema = isSchemaNode(value);
  for (const node of Array.isArray(value) ? value : [value]) {
    if (!isSchemaNode(node)) wrongType("Valid Schema/Array Of Schemas", "items");
    schema.items.push(compile("items", node));
  }
}

function additionalItems({ schema, members, compile }: KeywordPlace): void {
  const value = members.get("additionalItems");
  if (value === undefined) return;
  if (!isSchemaNode(value)) wrongType("boolean/Valid Schema", "additionalItems");
  schema.additionalItems = typeof value === "boolean" ? value : compile("additionalItems", value);
}

function multipleOf({ schema, members }: KeywordPlace): void {
  const value = members.get("multipleOf");
  if (value === undefined) return;
  if (!isNumber(value)) return wrongType("Number", "multipleOf");
  if (compareNumbers(value, 0) <= 0) refuseSchema("multipleOf must be strictly greater than 0");
  schema.multipleOf = value;
}

/** `minimum` and `maximum`, and the exclusive ones: booleans beside them in draft 4, numbers of their own later, either where no draft is named. */
function limit(name: "minimum" | "maximum", exclusive: "exclusiveMinimum" | "exclusiveMaximum"): Keyword {
  return ({ schema, members }) => {
    const value = members.get(name);
    if (value !== undefined) schema[name] = isNumber(value) ? value : refuseSchema(`${name} must be of a Number`);
    const other = members.get(exclusive);
    if (other === undefined) return;
    if (typeof other === "boolean" && (schema.draft === DRAFT.four || schema.draft === DRAFT.any)) {
      if (schema[name] === undefined) refuseSchema(`${exclusive} cannot be used without ${name}`);
      if (other) moveLimit(schema, name, exclusive);
    } else if (isNumber(other) && schema.draft !== DRAFT.four) schema[exclusive] = other;
    else wrongType(exclusiveTypes(schema.draft), exclusive);
  };
}

function moveLimit(schema: SubSchema, from: "minimum" | "maximum", to: "exclusiveMinimum" | "exclusiveMaximum"): void {
  const value: NumberValue | undefined = schema[from];
  if (value !== undefined) schema[to] = value;
  delete schema[from];
}

function exclusiveTypes(draft: number): string {
  return draft === DRAFT.four ? "boolean" : draft === DRAFT.any ? "boolean/number" : "number";
}

type SizeName = "minLength" | "maxLength" | "minProperties" | "maxProperties" | "minItems" | "maxItems";

function size(name: SizeName): Keyword {
  return ({ schema, members }) => {
    const value = members.get(name);
    if (value === undefined) return;
    const integer = isNumber(value) ? numberToInt64(value) : undefined;
    if (integer === undefined) return refuseSchema(`${name} must be of an integer`);
    if (integer < 0n) refuseSchema(`${name} must be greater than or equal to 0`);
    schema[name] = Number(integer);
  };
}

function ordered(min: SizeName, max: SizeName): Keyword {
  return ({ schema }) => {
    const [least, most] = [schema[min], schema[max]];
    if (least !== undefined && most !== undefined && least > most) refuseSchema(`${min} cannot be greater than ${max}`);
  };
}

function pattern({ schema, members }: KeywordPlace): void {
  const value = members.string("pattern");
  if (value !== undefined) schema.pattern = regexOf(value) ?? refuseSchema("pattern must be a valid regex");
}

function format({ schema, members }: KeywordPlace): void {
  schema.format = members.string("format") ?? "";
}

function required({ schema, members }: KeywordPlace): void {
  for (const name of members.list("required") ?? []) {
    if (typeof name !== "string") return wrongType("string", "required");
    if (schema.required.includes(name)) refuseSchema("required items must be unique");
    schema.required.push(name);
  }
}

function uniqueItems({ schema, members }: KeywordPlace): void {
  const value = members.get("uniqueItems");
  if (value === undefined) return;
  schema.uniqueItems = typeof value === "boolean" ? value : refuseSchema("uniqueItems must be of a boolean");
}

function contains({ schema, members, compile }: KeywordPlace): void {
  const value = members.get("contains");
  if (value !== undefined && schema.draft >= DRAFT.six) schema.contains = compile("contains", value);
}

function constant({ schema, members }: KeywordPlace): void {
  const value = members.get("const");
  if (value !== undefined && schema.draft >= DRAFT.six) schema.constant = comparedText(value);
}

function enumeration({ schema, members }: KeywordPlace): void {
  const values = members.list("enum");
  if (values === undefined) return;
  const texts = new Set<string>();
  for (const value of values) {
    const text = comparedText(value);
    if (texts.has(text)) refuseSchema("enum items must be unique");
    texts.add(text);
  }
  schema.enumeration = [...texts];
}

function combination(name: "oneOf" | "anyOf" | "allOf"): Keyword {
  return ({ schema, members, compile }) => {
    for (const node of members.list(name) ?? []) schema[name].push(compile(name, node));
  };
}

function single(name: "not" | "if" | "then" | "else", draftMin: number): Keyword {
  return ({ schema, members, compile }) => {
    const value = members.get(name);
    if (value === undefined || schema.draft < draftMin) return;
    if (!isSchemaNode(value)) refuseSchema(`${name} must be of an object`);
    schema[name] = compile(name, value);
  };
}

/** Keywords in the order in which OPA reads them, so that of several faults the same one is found. */
export const KEYWORDS: readonly Keyword[] = [
  type,
  properties,
  additionalProperties,
  patternProperties,
  propertyNames,
  dependencies,
  items,
  additionalItems,
  multipleOf,
  limit("minimum", "exclusiveMinimum"),
  limit("maximum", "exclusiveMaximum"),
  size("minLength"),
  size("maxLength"),
  ordered("minLength", "maxLength"),
  pattern,
  format,
  size("minProperties"),
  size("maxProperties"),
  ordered("minProperties", "maxProperties"),
  required,
  size("minItems"),
  size("maxItems"),
  uniqueItems,
  contains,
  constant,
  enumeration,
  combination("oneOf"),
  combination("anyOf"),
  combination("allOf"),
  single("not", DRAFT.four),
  single("if", DRAFT.seven),
  single("then", DRAFT.seven),
  single("else", DRAFT.seven),
];

function regexOf(text: string): ReturnType<typeof compileRegex> | undefined {
  try {
    return compileRegex(text);
  } catch (reason) {
    if (!isRegexFailure(reason)) throw reason;
    return undefined;
  }
}
