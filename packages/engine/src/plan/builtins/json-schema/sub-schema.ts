import type { RE2JS } from "re2js";
import type { NumberValue } from "../../values/number.ts";

/** Versions of JSON Schema; a schema that names none may use the words of all. */
export const DRAFT = { four: 4, six: 6, seven: 7, any: 99 } as const;

/** A schema, or a part of one, made ready for checking. Filled in while it is compiled. */
export interface SubSchema {
  /** The name that the schema has in its parent; of use for properties. */
  readonly property: string;
  readonly draft: number;
  /** Of what `$id` refers to, and what references start from. */
  id: string;
  /** `true` and `false` as schemas. */
  pass?: boolean;
  /** What `$ref` leads to; then nothing else counts. */
  target?: SubSchema;
  readonly types: string[];
  readonly properties: SubSchema[];
  readonly items: SubSchema[];
  isOneItemSchema: boolean;
  additionalItems?: boolean | SubSchema;
  additionalProperties?: boolean | SubSchema;
  readonly patternProperties: Map<string, { readonly pattern: RE2JS; readonly schema: SubSchema }>;
  propertyNames?: SubSchema;
  readonly dependencies: Map<string, readonly string[] | SubSchema>;
  multipleOf?: NumberValue;
  maximum?: NumberValue;
  exclusiveMaximum?: NumberValue;
  minimum?: NumberValue;
  exclusiveMinimum?: NumberValue;
  minLength?: number;
  maxLength?: number;
  pattern?: RE2JS;
  format: string;
  minProperties?: number;
  maxProperties?: number;
  readonly required: string[];
  minItems?: number;
  maxItems?: number;
  uniqueItems: boolean;
  contains?: SubSchema;
  /** JSON texts of values, numbers as doubles. */
  constant?: string;
  enumeration?: string[];
  readonly oneOf: SubSchema[];
  readonly anyOf: SubSchema[];
  readonly allOf: SubSchema[];
  not?: SubSchema;
  if?: SubSchema;
  then?: SubSchema;
  else?: SubSchema;
}

export function createSubSchema({ property, draft, id }: Pick<SubSchema, "property" | "draft" | "id">): SubSchema {
  return {
    property,
    draft,
    id,
    types: [],
    properties: [],
    items: [],
    isOneItemSchema: false,
    patternProperties: new Map(),
    dependencies: new Map(),
    format: "",
    required: [],
    uniqueItems: false,
    oneOf: [],
    anyOf: [],
    allOf: [],
  };
}

/** Something isn't a JSON Schema. Caught by the built-ins; the words are OPA's. */
export class SchemaFailure extends Error {
  override readonly name = "SchemaFailure";
}

export function refuseSchema(message: string): never {
  throw new SchemaFailure(message);
}
