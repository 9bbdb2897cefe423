import { fromJs } from "../../values/from-js.ts";
import type { Value } from "../../values/value.ts";

const SELF = { $ref: "#" };
const ref = (name: string): object => ({ $ref: `#/definitions/${name}` });
const EITHER = (...parts: readonly object[]): object => ({ anyOf: parts });
const BOOLEAN = { type: "boolean" };
const STRING = { type: "string" };
const NUMBER = { type: "number" };
const SCHEMAS = { type: "object", additionalProperties: SELF };
const TYPES = ["array", "boolean", "integer", "null", "number", "object", "string"];

const DEPENDENCIES = { type: "object", additionalProperties: EITHER(SELF, ref("stringArray")) };
const TYPE = EITHER(ref("simpleTypes"), { type: "array", items: ref("simpleTypes"), minItems: 1, uniqueItems: true });
const ENUM = { type: "array", minItems: 1, uniqueItems: true };

/** What the three drafts have in common. */
const COMMON = {
  title: STRING,
  description: STRING,
  default: {},
  maximum: NUMBER,
  minimum: NUMBER,
  pattern: { type: "string", format: "regex" },
  items: EITHER(SELF, ref("schemaArray")),
  uniqueItems: BOOLEAN,
  required: ref("stringArray"),
  definitions: SCHEMAS,
  properties: SCHEMAS,
  patternProperties: SCHEMAS,
  dependencies: DEPENDENCIES,
  enum: ENUM,
  type: TYPE,
  format: STRING,
  allOf: ref("schemaArray"),
  anyOf: ref("schemaArray"),
  oneOf: ref("schemaArray"),
  not: SELF,
};

const DEFINITIONS = {
  schemaArray: { type: "array", minItems: 1, items: SELF },
  simpleTypes: { enum: TYPES },
};

function sizes(count: string): object {
  const [any, orNone] = [ref(count), ref(`${count}Default0`)];
  const max = { maxLength: any, maxItems: any, maxProperties: any };
  return { ...max, minLength: orNone, minItems: orNone, minProperties: orNone };
}

function counts(name: string): object {
  return {
    [name]: { type: "integer", minimum: 0 },
    [`${name}Default0`]: { allOf: [ref(name), { default: 0 }] },
  };
}

const DRAFT_4 = {
  id: "http://json-schema.org/draft-04/schema#",
  $schema: "http://json-schema.org/draft-04/schema#",
  definitions: {
    ...DEFINITIONS,
    ...counts("positiveInteger"),
    stringArray: { type: "array", items: STRING, minItems: 1, uniqueItems: true },
  },
  type: "object",
  properties: {
    ...COMMON,
    ...sizes("positiveInteger"),
    id: STRING,
    $schema: STRING,
    multipleOf: { type: "number", minimum: 0, exclusiveMinimum: true },
    exclusiveMaximum: BOOLEAN,
    exclusiveMinimum: BOOLEAN,
    additionalItems: EITHER(BOOLEAN, SELF),
    additionalProperties: EITHER(BOOLEAN, SELF),
  },
  dependencies: { exclusiveMaximum: ["maximum"], exclusiveMinimum: ["minimum"] },
  default: {},
};

const REFERENCE = { type: "string", format: "uri-reference" };

const LATER = {
  ...COMMON,
  ...sizes("nonNegativeInteger"),
  $id: REFERENCE,
  $schema: { type: "string", format: "uri" },
  $ref: REFERENCE,
  examples: { type: "array" },
  multipleOf: { type: "number", exclusiveMinimum: 0 },
  exclusiveMaximum: NUMBER,
  exclusiveMinimum: NUMBER,
  additionalItems: SELF,
  contains: SELF,
  additionalProperties: SELF,
  propertyNames: SELF,
  const: {},
};

function later(version: string, properties: object): object {
  return {
    $schema: `http://json-schema.org/draft-${version}/schema#`,
    $id: `http://json-schema.org/draft-${version}/schema#`,
    definitions: {
      ...DEFINITIONS,
      ...counts("nonNegativeInteger"),
      stringArray: { type: "array", items: STRING, uniqueItems: true },
    },
    type: ["object", "boolean"],
    properties: { ...LATER, ...properties },
    default: {},
  };
}

const DRAFT_7 = {
  $comment: STRING,
  readOnly: BOOLEAN,
  patternProperties: { ...SCHEMAS, propertyNames: { format: "regex" } },
  contentMediaType: STRING,
  contentEncoding: STRING,
  ...Object.fromEntries(["if", "then", "else"].map((name) => [name, SELF])),
};

/** The standard's schemas of schemas, by their URL. They decide as the published ones do; what only annotates is left out. */
export const META_SCHEMAS: ReadonlyMap<string, Value> = new Map([
  ["http://json-schema.org/draft-04/schema", fromJs(DRAFT_4)],
  ["http://json-schema.org/draft-06/schema", fromJs(later("06", {}))],
  ["http://json-schema.org/draft-07/schema", fromJs(later("07", DRAFT_7))],
]);
