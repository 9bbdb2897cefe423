import { byName, typeName, VALUE_KIND } from "./ast.ts";
import type {
  Argument,
  ArgumentDefinition,
  Definition,
  Directive,
  Field,
  FieldDefinition,
  FragmentDefinition,
  FragmentSpread,
  GraphqlValue,
  InlineFragment,
  OperationDefinition,
  Position,
  QueryDocument,
  Selection,
  VariableDefinition,
} from "./ast.ts";
import { rootType, type Schema } from "./schema.ts";

/** What is being validated, as far as the walk has come. */
export interface Walk {
  readonly schema: Schema;
  readonly document: QueryDocument;
  /** Undefined between operations, and in fragments by themselves. */
  readonly operation: OperationDefinition | undefined;
  readonly charge: (steps: number) => void;
  readonly report: (message: string, position: Position | undefined) => void;
}

/** One rule of GraphQL's validation: what it looks at. Called when everything below has been walked. */
export interface Rule {
  operation?(walk: Walk, operation: OperationDefinition): void;
  field?(walk: Walk, field: Field): void;
  fragment?(walk: Walk, fragment: FragmentDefinition): void;
  inlineFragment?(walk: Walk, fragment: InlineFragment): void;
  fragmentSpread?(walk: Walk, spread: FragmentSpread): void;
  directive?(walk: Walk, directive: Directive): void;
  directives?(walk: Walk, directives: readonly Directive[]): void;
  value?(walk: Walk, value: GraphqlValue): void;
  variable?(walk: Walk, variable: VariableDefinition): void;
}

/** Walks through a query, noting in its nodes what the schema says of them, and lets every rule see them. */
export function walkQuery(walk: Omit<Walk, "operation">, rules: readonly Rule[]): void {
  const walker = new Walker(walk, rules);
  for (const operation of walk.document.operations) walker.walkOperation(operation);
  for (const fragment of walk.document.fragments) walker.walkFragment(fragment);
}

const TYPENAME: FieldDefinition = {
  name: "__typename",
  description: "",
  arguments: [],
  directives: [],
  type: { namedType: "String", nonNull: false },
};

class Walker {
  readonly #rules: readonly Rule[];
  readonly #base: Omit<Walk, "operation">;
  #walk: Walk;
  /** Fragments that were walked from the current operation. */
  #spread = new Set<string>();

  constructor(walk: Omit<Walk, "operation">, rules: readonly Rule[]) {
    this.#base = walk;
    this.#walk = { ...walk, operation: undefined };
    this.#rules = rules;
  }

  walkOperation(operation: OperationDefinition): void {
    this.#spread = new Set();
    this.#walk = { ...this.#base, operation };
    const { schema } = this.#base;
    for (const variable of operation.variableDefinitions) {
      variable.definition = schema.types.get(typeName(variable.type));
      for (const rule of this.#rules) rule.variable?.(this.#walk, variable);
      if (variable.defaultValue === undefined) continue;
      variable.defaultValue.expectedType = variable.type;
      variable.defaultValue.definition = variable.definition;
    }
    for (const variable of operation.variableDefinitions) {
      if (variable.defaultValue !== undefined) this.#walkValue(variable.defaultValue);
      this.#walkDirectives(variable.directives, "VARIABLE_DEFINITION");
    }
    this.#walkDirectives(
      operation.directives,
      operation.operation === "" ? "QUERY" : operation.operation.toUpperCase(),
    );
    this.#walkSelections(rootType(schema, operation.operation), operation.selectionSet);
    for (const rule of this.#rules) rule.operation?.(this.#walk, operation);
    this.#walk = { ...this.#base, operation: undefined };
  }

  walkFragment(fragment: FragmentDefinition): void {
    this.#spread = new Set();
    const definition = this.#base.schema.types.get(fragment.typeCondition);
    fragment.definition = definition;
    this.#walkDirectives(fragment.directives, "FRAGMENT_DEFINITION");
    this.#walkSelections(definition, fragment.selectionSet);
    for (const rule of this.#rules) rule.fragment?.(this.#walk, fragment);
  }

  #walkDirectives(directives: readonly Directive[], location: string): void {
    for (const directive of directives) {
      const definition = this.#base.schema.directives.get(directive.name);
      directive.definition = definition;
      directive.location = location;
      this.#walkArguments(directive.arguments, definition?.arguments);
      for (const rule of this.#rules) rule.directive?.(this.#walk, directive);
    }
    for (const rule of this.#rules) rule.directives?.(this.#walk, directives);
  }

  #walkArguments(args: readonly Argument[], definitions: readonly ArgumentDefinition[] = []): void {
    for (const { name, value } of args) {
      const definition = byName(definitions, name);
      if (definition !== undefined) this.#expect(value, definition);
      this.#walkValue(value);
    }
  }

  /** Notes what a value is for. */
  #expect(value: GraphqlValue, { type, defaultValue }: Pick<ArgumentDefinition, "type" | "defaultValue">): void {
    value.expectedType = type;
    value.expectedTypeHasDefault = defaultValue !== undefined && defaultValue.kind !== VALUE_KIND.null;
    value.definition = this.#base.schema.types.get(typeName(type));
  }

  #walkValue(value: GraphqlValue): void {
    this.#base.charge(1);
    const { operation } = this.#walk;
    if (value.kind === VALUE_KIND.variable && operation !== undefined) {
      const variable = operation.variableDefinitions.find((definition) => definition.variable === value.raw);
      value.variableDefinition = variable;
      if (variable !== undefined) variable.used = true;
    }
    if (value.kind === VALUE_KIND.object || value.kind === VALUE_KIND.list) this.#walkMembers(value);
    for (const rule of this.#rules) rule.value?.(this.#walk, value);
  }

  #walkMembers({ kind, children, definition, expectedType }: GraphqlValue): void {
    for (const child of children) {
      const field = kind === VALUE_KIND.object ? byName(definition?.fields ?? [], child.name) : undefined;
      if (field !== undefined) this.#expect(child.value, field);
      if (kind === VALUE_KIND.list && expectedType?.elem !== undefined) {
        child.value.expectedType = expectedType.elem;
        child.value.definition = definition;
      }
      this.#walkValue(child.value);
    }
  }

  #walkSelections(parent: Definition | undefined, selections: readonly Selection[]): void {
    for (const selection of selections) {
      this.#base.charge(1);
      selection.objectDefinition = parent;
      if (selection.node === "Field") this.#walkField(parent, selection);
      else if (selection.node === "InlineFragment") this.#walkInlineFragment(parent, selection);
      else this.#walkSpread(selection);
    }
  }

  #walkField(parent: Definition | undefined, field: Field): void {
    const { types } = this.#base.schema;
    field.definition = field.name === TYPENAME.name ? TYPENAME : byName(parent?.fields ?? [], field.name);
    const type = field.definition === undefined ? undefined : types.get(typeName(field.definition.type));
    this.#walkArguments(field.arguments, field.definition?.arguments);
    this.#walkDirectives(field.directives, "FIELD");
    this.#walkSelections(type, field.selectionSet);
    for (const rule of this.#rules) rule.field?.(this.#walk, field);
  }

  #walkInlineFragment(parent: Definition | undefined, fragment: InlineFragment): void {
    const { typeCondition } = fragment;
    const definition = typeCondition === "" ? parent : this.#base.schema.types.get(typeCondition);
    this.#walkDirectives(fragment.directives, "INLINE_FRAGMENT");
    this.#walkSelections(definition, fragment.selectionSet);
    for (const rule of this.#rules) rule.inlineFragment?.(this.#walk, fragment);
  }

  #walkSpread(spread: FragmentSpread): void {
    const fragment = byName(this.#base.document.fragments, spread.name);
    spread.definition = fragment;
    this.#walkDirectives(spread.directives, "FRAGMENT_SPREAD");
    // Once an operation: fragments may spread each other in a circle.
    if (fragment !== undefined && !this.#spread.has(fragment.name)) {
      this.#spread.add(fragment.name);
      this.#walkDirectives(fragment.directives, "FRAGMENT_DEFINITION");
      this.#walkSelections(this.#base.schema.types.get(fragment.typeCondition), fragment.selectionSet);
    }
    for (const rule of this.#rules) rule.fragmentSpread?.(this.#walk, spread);
  }
}
