import type { Value } from "../../values/value.ts";
import type {
  Argument,
  ArgumentDefinition,
  ChildValue,
  Definition,
  Described,
  Directive,
  DirectiveDefinition,
  EnumValueDefinition,
  Field,
  FieldDefinition,
  FragmentDefinition,
  FragmentSpread,
  GraphqlValue,
  InlineFragment,
  OperationDefinition,
  OperationTypeDefinition,
  QueryDocument,
  SchemaDefinition,
  SchemaDocument,
  Selection,
  Type,
  VariableDefinition,
} from "./ast.ts";
import { GraphqlFailure } from "./failure.ts";
import { TreeFields } from "./tree-fields.ts";

/**
 * A query that the policy passed as a syntax tree.
 *
 * @throws GraphqlFailure
 */
export function readQueryTree(tree: Value): QueryDocument {
  const f = new TreeFields(tree);
  return {
    operations: f.nodes("Operations", readOperation),
    fragments: f.nodes("Fragments", readFragment),
    comment: f.comment("Comment"),
  };
}

/** {@link readQueryTree} for a schema. */
export function readSchemaTree(tree: Value): SchemaDocument {
  const f = new TreeFields(tree);
  return {
    schema: f.nodes("Schema", readSchemaDefinition),
    schemaExtension: f.nodes("SchemaExtension", readSchemaDefinition),
    directives: f.nodes("Directives", readDirectiveDefinition),
    definitions: f.nodes("Definitions", readDefinition),
    extensions: f.nodes("Extensions", readDefinition),
    comment: f.comment("Comment"),
  };
}

function readOperation(node: Value): OperationDefinition {
  const f = new TreeFields(node, true);
  return {
    operation: f.string("Operation"),
    name: f.string("Name"),
    variableDefinitions: f.nodes("VariableDefinitions", readVariable),
    directives: f.nodes("Directives", readDirective),
    selectionSet: readSelections(f),
  };
}

function readFragment(node: Value): FragmentDefinition {
  const f = new TreeFields(node, true);
  return {
    name: f.string("Name"),
    variableDefinition: f.nodes("VariableDefinition", readVariable),
    typeCondition: f.string("TypeCondition"),
    directives: f.nodes("Directives", readDirective),
    selectionSet: readSelections(f),
  };
}

/** OPA takes a selection for the first kind of node that it can be, which for a spread too is a field, and leaves out the others. */
function readSelections(f: TreeFields): readonly Selection[] {
  return f.nodes("SelectionSet", readSelection).flatMap((selection) => selection ?? []);
}

function readSelection(node: Value): Selection | undefined {
  for (const read of [readField, readSpread, readInlineFragment]) {
    try {
      return read(node);
    } catch (reason) {
      if (!(reason instanceof GraphqlFailure)) throw reason;
    }
  }
  return undefined;
}

function readSpread(node: Value): FragmentSpread {
  const f = new TreeFields(node);
  const directives = f.nodes("Directives", readDirective);
  return { node: "FragmentSpread", name: f.string("Name"), directives, comment: f.comment("Comment") };
}

function readInlineFragment(node: Value): InlineFragment {
  const f = new TreeFields(node, true);
  return {
    node: "InlineFragment",
    typeCondition: f.string("TypeCondition"),
    directives: f.nodes("Directives", readDirective),
    selectionSet: readSelections(f),
  };
}

function readField(node: Value): Field {
  const f = new TreeFields(node, true);
  return {
    node: "Field",
    alias: f.string("Alias"),
    name: f.string("Name"),
    arguments: f.nodes("Arguments", readArgument),
    directives: f.nodes("Directives", readDirective),
    selectionSet: readSelections(f),
  };
}

function readVariable(node: Value): VariableDefinition {
  const f = new TreeFields(node);
  return {
    variable: f.string("Variable"),
    type: f.required("Type", readType),
    defaultValue: f.node("DefaultValue", readValue),
    directives: f.nodes("Directives", readDirective),
    used: f.boolean("Used"),
    comment: f.comment("Comment"),
  };
}

function readDirective(node: Value): Directive {
  const f = new TreeFields(node);
  return { name: f.string("Name"), arguments: f.nodes("Arguments", readArgument), location: f.string("Location") };
}

function readArgument(node: Value): Argument {
  const f = new TreeFields(node);
  return { name: f.string("Name"), value: f.required("Value", readValue), comment: f.comment("Comment") };
}

function readValue(node: Value): GraphqlValue {
  const f = new TreeFields(node);
  return {
    raw: f.string("Raw"),
    children: f.nodes("Children", readChild),
    kind: f.integer("Kind"),
    expectedTypeHasDefault: f.boolean("ExpectedTypeHasDefault"),
    comment: f.comment("Comment"),
  };
}

function readChild(node: Value): ChildValue {
  const f = new TreeFields(node);
  return { name: f.string("Name"), value: f.required("Value", readValue), comment: f.comment("Comment") };
}

function readType(node: Value): Type {
  const f = new TreeFields(node);
  return { namedType: f.string("NamedType"), elem: f.node("Elem", readType), nonNull: f.boolean("NonNull") };
}

function readDescribed(f: TreeFields): Described {
  return {
    description: f.string("Description"),
    beforeDescriptionComment: f.comment("BeforeDescriptionComment"),
    afterDescriptionComment: f.comment("AfterDescriptionComment"),
  };
}

function readDefinition(node: Value): Definition {
  const f = new TreeFields(node);
  return {
    ...readDescribed(f),
    kind: f.string("Kind"),
    name: f.string("Name"),
    directives: f.nodes("Directives", readDirective),
    interfaces: f.strings("Interfaces"),
    fields: f.nodes("Fields", readFieldDefinition),
    types: f.strings("Types"),
    enumValues: f.nodes("EnumValues", readEnumValue),
    builtIn: f.boolean("BuiltIn"),
    endOfDefinitionComment: f.comment("EndOfDefinitionComment"),
  };
}

function readFieldDefinition(node: Value): FieldDefinition {
  return {
    ...readArgumentDefinition(node),
    arguments: new TreeFields(node).nodes("Arguments", readArgumentDefinition),
  };
}

function readArgumentDefinition(node: Value): ArgumentDefinition {
  const f = new TreeFields(node);
  return {
    ...readDescribed(f),
    name: f.string("Name"),
    defaultValue: f.node("DefaultValue", readValue),
    type: f.required("Type", readType),
    directives: f.nodes("Directives", readDirective),
  };
}

function readEnumValue(node: Value): EnumValueDefinition {
  const f = new TreeFields(node);
  return { ...readDescribed(f), name: f.string("Name"), directives: f.nodes("Directives", readDirective) };
}

function readDirectiveDefinition(node: Value): DirectiveDefinition {
  const f = new TreeFields(node);
  return {
    ...readDescribed(f),
    name: f.string("Name"),
    arguments: f.nodes("Arguments", readArgumentDefinition),
    locations: f.strings("Locations"),
    isRepeatable: f.boolean("IsRepeatable"),
  };
}

function readSchemaDefinition(node: Value): SchemaDefinition {
  const f = new TreeFields(node);
  return {
    ...readDescribed(f),
    directives: f.nodes("Directives", readDirective),
    operationTypes: f.nodes("OperationTypes", readOperationType),
    endOfDefinitionComment: f.comment("EndOfDefinitionComment"),
  };
}

function readOperationType(node: Value): OperationTypeDefinition {
  const f = new TreeFields(node);
  return { operation: f.string("Operation"), type: f.string("Type"), comment: f.comment("Comment") };
}
