// GraphQL's syntax trees. Field names are those that OPA shows with a capital; the comments say what is not shown.

/** Where a node stands. Never shown. */
export interface Position {
  readonly line: number;
  readonly column: number;
  /** Empty for what the policy passed. */
  readonly file: string;
}

export interface CommentGroup {
  readonly list: readonly { readonly value: string }[];
}

interface Placed {
  readonly position?: Position | undefined;
}

interface Commented extends Placed {
  readonly comment?: CommentGroup | undefined;
}

/** What stands before and behind a description, and before the closing brace. */
export interface Described extends Placed {
  readonly description: string;
  readonly beforeDescriptionComment?: CommentGroup | undefined;
  readonly afterDescriptionComment?: CommentGroup | undefined;
  readonly endOfDefinitionComment?: CommentGroup | undefined;
}

export interface Type extends Placed {
  /** Empty for a list. */
  readonly namedType: string;
  readonly elem?: Type | undefined;
  readonly nonNull: boolean;
}

/** The numbers that OPA shows for kinds of values. */
export const VALUE_KIND = {
  variable: 0,
  int: 1,
  float: 2,
  string: 3,
  blockString: 4,
  boolean: 5,
  null: 6,
  enum: 7,
  list: 8,
  object: 9,
} as const;

export interface GraphqlValue extends Commented {
  readonly raw: string;
  readonly children: readonly ChildValue[];
  readonly kind: number;
  /** Set by validation, from here on. */
  definition?: Definition | undefined;
  variableDefinition?: VariableDefinition | undefined;
  expectedType?: Type | undefined;
  expectedTypeHasDefault: boolean;
}

export interface ChildValue extends Commented {
  /** Empty in a list. */
  readonly name: string;
  readonly value: GraphqlValue;
}

export interface Argument extends Commented {
  readonly name: string;
  readonly value: GraphqlValue;
}

export interface Directive extends Placed {
  readonly name: string;
  readonly arguments: readonly Argument[];
  /** Set by validation, from here on. */
  definition?: DirectiveDefinition | undefined;
  location: string;
}

export interface Field extends Commented {
  readonly node: "Field";
  readonly alias: string;
  readonly name: string;
  readonly arguments: readonly Argument[];
  readonly directives: readonly Directive[];
  readonly selectionSet: readonly Selection[];
  /** Set by validation, from here on. */
  definition?: FieldDefinition | undefined;
  objectDefinition?: Definition | undefined;
}

export interface FragmentSpread extends Commented {
  readonly node: "FragmentSpread";
  readonly name: string;
  readonly directives: readonly Directive[];
  /** Set by validation, from here on. */
  definition?: FragmentDefinition | undefined;
  objectDefinition?: Definition | undefined;
}

export interface InlineFragment extends Commented {
  readonly node: "InlineFragment";
  readonly typeCondition: string;
  readonly directives: readonly Directive[];
  readonly selectionSet: readonly Selection[];
  /** Set by validation. */
  objectDefinition?: Definition | undefined;
}

export type Selection = Field | FragmentSpread | InlineFragment;

export interface VariableDefinition extends Commented {
  readonly variable: string;
  readonly type: Type;
  readonly defaultValue?: GraphqlValue | undefined;
  readonly directives: readonly Directive[];
  /** Set by validation, from here on. */
  definition?: Definition | undefined;
  used: boolean;
}

export interface OperationDefinition extends Commented {
  /** `query`, `mutation` or `subscription`; a tree that the policy passed may have none or another. */
  readonly operation: string;
  readonly name: string;
  readonly variableDefinitions: readonly VariableDefinition[];
  readonly directives: readonly Directive[];
  readonly selectionSet: readonly Selection[];
}

export interface FragmentDefinition extends Commented {
  readonly name: string;
  readonly variableDefinition: readonly VariableDefinition[];
  readonly typeCondition: string;
  readonly directives: readonly Directive[];
  readonly selectionSet: readonly Selection[];
  /** Set by validation. */
  definition?: Definition | undefined;
}

export interface QueryDocument extends Commented {
  readonly operations: readonly OperationDefinition[];
  readonly fragments: readonly FragmentDefinition[];
}

export interface ArgumentDefinition extends Described {
  readonly name: string;
  readonly defaultValue?: GraphqlValue | undefined;
  readonly type: Type;
  readonly directives: readonly Directive[];
}

export interface FieldDefinition extends Described {
  readonly name: string;
  readonly arguments: readonly ArgumentDefinition[];
  readonly defaultValue?: GraphqlValue | undefined;
  readonly type: Type;
  readonly directives: readonly Directive[];
}

export interface EnumValueDefinition extends Described {
  readonly name: string;
  readonly directives: readonly Directive[];
}

/** A type, or what extends one. */
export interface Definition extends Described {
  /** `SCALAR`, `OBJECT`, `INTERFACE`, `UNION`, `ENUM` or `INPUT_OBJECT`. */
  readonly kind: string;
  readonly name: string;
  readonly directives: readonly Directive[];
  readonly interfaces: readonly string[];
  readonly fields: readonly FieldDefinition[];
  readonly types: readonly string[];
  readonly enumValues: readonly EnumValueDefinition[];
  readonly builtIn: boolean;
  /** Of each of `types`. Never shown. */
  readonly typePositions?: readonly (Position | undefined)[];
}

export interface DirectiveDefinition extends Described {
  readonly name: string;
  readonly arguments: readonly ArgumentDefinition[];
  readonly locations: readonly string[];
  readonly isRepeatable: boolean;
}

export interface OperationTypeDefinition extends Commented {
  readonly operation: string;
  readonly type: string;
}

export interface SchemaDefinition extends Described {
  readonly directives: readonly Directive[];
  readonly operationTypes: readonly OperationTypeDefinition[];
}

export interface SchemaDocument extends Commented {
  readonly schema: readonly SchemaDefinition[];
  readonly schemaExtension: readonly SchemaDefinition[];
  readonly directives: readonly DirectiveDefinition[];
  readonly definitions: readonly Definition[];
  readonly extensions: readonly Definition[];
}

/** The type under all lists. */
export function typeName(type: Type): string {
  return type.namedType !== "" || type.elem === undefined ? type.namedType : typeName(type.elem);
}

export function typeText(type: Type): string {
  const inner = type.namedType !== "" || type.elem === undefined ? type.namedType : `[${typeText(type.elem)}]`;
  return inner + (type.nonNull ? "!" : "");
}

/** Whether a value of type `a` fits where `b` is expected. */
export function isCompatible(a: Type, b: Type): boolean {
  if (a.namedType !== b.namedType || (a.elem !== undefined && b.elem === undefined)) return false;
  if (a.elem !== undefined && b.elem !== undefined && !isCompatible(a.elem, b.elem)) return false;
  return !b.nonNull || a.nonNull;
}

export function byName<T extends { readonly name: string }>(list: readonly T[], name: string): T | undefined {
  return list.find((item) => item.name === name);
}

const COMPOSITE = new Set(["OBJECT", "INTERFACE", "UNION"]);
const INPUT = new Set(["SCALAR", "ENUM", "INPUT_OBJECT"]);

export function isComposite({ kind }: Definition): boolean {
  return COMPOSITE.has(kind);
}

export function isInput({ kind }: Definition): boolean {
  return INPUT.has(kind);
}

export function isLeaf({ kind }: Definition): boolean {
  return kind === "ENUM" || kind === "SCALAR";
}
