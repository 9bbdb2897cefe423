import type {
  FragmentDefinition,
  OperationDefinition,
  QueryDocument,
  Selection,
  Field,
  VariableDefinition,
} from "./ast.ts";
import { refuseGraphql } from "./failure.ts";
import { parseArguments, parseDirectives, parseType, parseValue, parseVariable } from "./parse-value.ts";
import { TokenReader } from "./token-reader.ts";

/** @throws GraphqlFailure */
export function parseQuery(text: string, charge: (steps: number) => void): QueryDocument {
  const reader = new TokenReader(text, { file: "", charge });
  const operations: OperationDefinition[] = [];
  const fragments: FragmentDefinition[] = [];
  while (!reader.isAtEnd) {
    const { kind, value } = reader.peek();
    if (kind === "{" || (kind === "Name" && OPERATIONS.has(value))) operations.push(parseOperation(reader));
    else if (kind === "Name" && value === "fragment") fragments.push(parseFragmentDefinition(reader));
    else reader.unexpected();
  }
  return { operations, fragments };
}

/** The words that operations begin with. */
export const OPERATIONS: ReadonlySet<string> = new Set(["query", "mutation", "subscription"]);

function parseOperation(reader: TokenReader): OperationDefinition {
  const position = reader.position();
  const { comment } = reader;
  if (reader.isNext("{")) {
    // OPA loses the comment before an operation without a name.
    const selectionSet = parseSelectionSet(reader);
    return { operation: "query", name: "", variableDefinitions: [], directives: [], selectionSet, position };
  }
  return {
    operation: reader.next().value,
    name: reader.isNext("Name") ? reader.next().value : "",
    variableDefinitions: parseVariables(reader),
    directives: parseDirectives(reader, false),
    selectionSet: parseSelectionSet(reader),
    position,
    comment,
  };
}

function parseVariables(reader: TokenReader): readonly VariableDefinition[] {
  return reader.some(["(", ")"], () => {
    const position = reader.position();
    const { comment } = reader;
    const variable = parseVariable(reader);
    reader.expect(":");
    return {
      variable,
      type: parseType(reader),
      defaultValue: reader.skip("=") ? parseValue(reader, true) : undefined,
      directives: parseDirectives(reader, false),
      used: false,
      position,
      comment,
    };
  }).items;
}

function parseSelectionSet(reader: TokenReader): readonly Selection[] {
  if (!reader.isNext("{")) refuseGraphql(`Expected {, found ${reader.peek().kind}`, reader.position());
  return reader.some(["{", "}"], () => (reader.isNext("...") ? parseSpread(reader) : parseField(reader))).items;
}

function parseField(reader: TokenReader): Field {
  const position = reader.position();
  const { comment } = reader;
  const alias = reader.name();
  return {
    node: "Field",
    alias,
    name: reader.skip(":") ? reader.name() : alias,
    arguments: parseArguments(reader, false),
    directives: parseDirectives(reader, false),
    selectionSet: reader.isNext("{") ? parseSelectionSet(reader) : [],
    position,
    comment,
  };
}

function parseSpread(reader: TokenReader): Selection {
  reader.peek();
  const { comment } = reader;
  reader.expect("...");
  const { kind, value, position } = reader.peek();
  if (kind === "Name" && value !== "on") {
    const name = reader.name();
    return { node: "FragmentSpread", name, directives: parseDirectives(reader, false), position, comment };
  }
  const hasCondition = value === "on";
  if (hasCondition) reader.next();
  return {
    node: "InlineFragment",
    typeCondition: hasCondition ? reader.name() : "",
    directives: parseDirectives(reader, false),
    selectionSet: parseSelectionSet(reader),
    position,
    comment,
  };
}

function parseFragmentDefinition(reader: TokenReader): FragmentDefinition {
  const position = reader.position();
  const { comment } = reader;
  reader.expectKeyword("fragment");
  if (reader.peek().value === "on") reader.unexpected();
  const name = reader.name();
  const variableDefinition = parseVariables(reader);
  reader.expectKeyword("on");
  return {
    name,
    variableDefinition,
    typeCondition: reader.name(),
    directives: parseDirectives(reader, false),
    selectionSet: parseSelectionSet(reader),
    position,
    comment,
  };
}
