// Schemas with every keyword, and documents on either side of what they say.

const SCHEMAS: readonly unknown[] = [
  {},
  {
    type: "object",
    required: ["a"],
    properties: { a: { type: "integer" }, b: { enum: [1, "x", null, [1], { c: 1 }] } },
  },
  { type: ["array", "null"], items: { type: "number", multipleOf: 0.1 }, minItems: 1, maxItems: 2, uniqueItems: true },
  { items: [{ const: 1 }, { type: "string", minLength: 2, maxLength: 3, pattern: "^\u00e9" }], additionalItems: false },
  { items: [{}], additionalItems: { type: "boolean" }, contains: { minimum: 5, exclusiveMaximum: 1e21 } },
  { minProperties: 1, maxProperties: 1, additionalProperties: false, patternProperties: { "^a+$": { maximum: 1.5 } } },
  {
    propertyNames: { maxLength: 1 },
    additionalProperties: { type: "string" },
    dependencies: { a: ["b"], b: { required: ["c"] } },
  },
  { anyOf: [{ required: ["a", "z"] }, { required: ["y"] }], oneOf: [{ type: "object" }, { minProperties: 1 }] },
  {
    allOf: [{ required: ["a"] }, { not: { required: ["b"] } }],
    if: { required: ["a"] },
    then: { required: ["q"] }, // oxlint-disable-line unicorn/no-thenable -- JSON Schema's own word
    else: false,
  },
  { definitions: { tree: { items: { $ref: "#/definitions/tree" }, type: "array" } }, $ref: "#/definitions/tree" },
  { $id: "http://example.org/a/b", items: { $ref: "c#/d" }, definitions: { c: { $id: "c", d: { type: "string" } } } },
  { $ref: "http://json-schema.org/draft-07/schema#" },
  { $ref: "http://json-schema.org/draft-04/schema#/definitions/positiveInteger" },
  { $schema: "http://json-schema.org/draft-04/schema#", minimum: 1, exclusiveMinimum: true },
  { $schema: "http://json-schema.org/draft-06/schema#", exclusiveMinimum: 1, properties: { a: false } },
  { minimum: 1, exclusiveMinimum: true, maximum: 2, exclusiveMaximum: 2 },
];

const WRONG_SCHEMAS: readonly unknown[] = [
  "null",
  "{",
  [],
  { type: "thing" },
  { type: ["string", "string"] },
  { properties: [] },
  { items: 1 },
  { multipleOf: 0 },
  { exclusiveMinimum: true },
  { minLength: -1 },
  { minLength: 1.5 },
  { minLength: 3, maxLength: 2 },
  { pattern: "(?=x)" },
  { patternProperties: { "(": {} } },
  { required: ["a", "a"] },
  { enum: [1, 1.0] },
  { not: 1 },
  { $ref: "#/definitions/nothing" },
  { $ref: "%zz" },
  { $schema: 1 },
];

const DOCUMENTS: readonly unknown[] = [
  {},
  { a: 1 },
  { a: 1.5, b: "y", c: null },
  { a: 1, b: { c: 1.0 }, type: 1, minLength: -1 },
  { aa: 2, q: "", properties: { a: 7 } },
  [],
  [0.3, 0.30000000000000004],
  [1, "\u00e9\u00e9", true],
  [1, 1.0, 3],
  [[], [[]], ["x"]],
  "null",
  "1",
  "-1.0",
  "12345678901234567890123",
  '"\u00e9a"',
  "true",
];

const FORMATS: Readonly<Record<string, readonly string[]>> = {
  email: [
    "a@b",
    "N <a@b>",
    '"a b"@c',
    "a..b@c",
    "a@[1.2.3.4]",
    "a@b (c)",
    "a@b (",
    "g: a@b;",
    "g:;",
    "a@",
    "\u00e9@\u00fc",
  ],
  uri: ["http://a", "a", "http://[::1]:8", "http://[x]", "http://a b", "a:b", "http://h/%zz", "h\\x", "1a:b"],
  "uri-template": ["http://h/{a}", "http://h/{a", "{b}c"],
  "uri-reference": ["", "#", "?a", "//h", "a:", ":"],
  hostname: ["a.b", "a-", "a..b", "-a", "A.1", "a_b", "x".repeat(64)],
  ipv4: ["1.2.3.4", "01.2.3.4", "::ffff:1.2.3.4"],
  ipv6: ["::1", "1.2.3.4", "1::2::3"],
  date: ["2020-02-29", "2021-02-29", "2020-2-1"],
  time: ["10:00:00", "10:00:00+01:00", "10:00", "10:00:60"],
  "date-time": ["2020-01-01T10:00:00Z", "2020-01-01T10:00:00", "2020-01-01", "2020-01-01T10:00:00.5+02:00"],
  uuid: ["2EB8AA08-AA98-11EA-B4AA-73B441D16380", "2eb8"],
  regex: ["a+", "(", "(?=a)"],
  "json-pointer": ["", "/a~0~1", "/a~", "a"],
  "relative-json-pointer": ["0#", "1/a", "01"],
  "no-such-format": ["x"],
};

/** Expressions for {@link EXPRESSIONS}. The order of errors is chance in OPA, so they are compared as a set. */
export const JSON_SCHEMA_EXPRESSIONS: readonly string[] = [
  ...[...SCHEMAS, ...WRONG_SCHEMAS].map((schema) => `json.verify_schema(${argument(schema)})`),
  ...SCHEMAS.flatMap((schema) => DOCUMENTS.map((document) => match(document, schema))),
  ...WRONG_SCHEMAS.map((schema) => match({}, schema)),
  ...Object.entries(FORMATS).flatMap(([format, texts]) => texts.map((text) => match(JSON.stringify(text), { format }))),
  match("not json", {}),
];

function match(document: unknown, schema: unknown): string {
  const call = `json.match_schema(${argument(document)}, ${argument(schema)})`;
  return `[[v, {e | some e in es}] | [v, es] := ${call}]`;
}

/** OPA's type checker lets only objects and texts through. */
function argument(value: unknown): string {
  const text = JSON.stringify(value);
  return Array.isArray(value) ? JSON.stringify(text) : text;
}
