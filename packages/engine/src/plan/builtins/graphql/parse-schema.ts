import type {
  ArgumentDefinition,
  CommentGroup,
  Definition,
  Described,
  DirectiveDefinition,
  EnumValueDefinition,
  FieldDefinition,
  OperationTypeDefinition,
  Position,
  SchemaDefinition,
  SchemaDocument,
} from "./ast.ts";
import { parseDirectives, parseType, parseValue } from "./parse-value.ts";
import { OPERATIONS } from "./parse-query.ts";
import { TokenReader, type Braced } from "./token-reader.ts";

/** Where a schema comes from. */
export interface SchemaSource {
  /** Shown in messages; empty for what the policy passed. */
  readonly file: string;
  readonly isBuiltIn: boolean;
  readonly charge: (steps: number) => void;
}

/** @throws GraphqlFailure */
export function parseSchema(text: string, source: SchemaSource): SchemaDocument {
  const reader = new TokenReader(text, source);
  const { isBuiltIn } = source;
  const document = {
    schema: Array<SchemaDefinition>(),
    schemaExtension: Array<SchemaDefinition>(),
    directives: Array<DirectiveDefinition>(),
    definitions: Array<Definition>(),
    extensions: Array<Definition>(),
  };
  while (!reader.isAtEnd) {
    const description = parseDescription(reader);
    const { kind, value } = reader.peek();
    if (kind === "Name" && KINDS.has(value))
      document.definitions.push(parseDefinition(reader, { description, isBuiltIn }));
    else if (kind === "Name" && value === "schema") document.schema.push(parseSchemaDefinition(reader, description));
    else if (kind === "Name" && value === "directive")
      document.directives.push(parseDirectiveDefinition(reader, description));
    else if (kind === "Name" && value === "extend") {
      if (description.description !== "") reader.unexpected(reader.previous);
      const extension = parseExtension(reader, isBuiltIn);
      if ("operationTypes" in extension) document.schemaExtension.push(extension);
      else document.extensions.push(extension);
    } else reader.unexpected();
  }
  // Comments at the end of the file.
  return { ...document, comment: reader.comment };
}

/** The words that types begin with, and what OPA calls them. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ["scalar", "SCALAR"],
  ["type", "OBJECT"],
  ["interface", "INTERFACE"],
  ["union", "UNION"],
  ["enum", "ENUM"],
  ["input", "INPUT_OBJECT"],
]);

type Description = Pick<Described, "description" | "beforeDescriptionComment">;

const NO_DESCRIPTION: Description = { description: "" };

function parseDescription(reader: TokenReader): Description {
  if (!reader.isNext("BlockString") && !reader.isNext("String")) return NO_DESCRIPTION;
  const { comment } = reader;
  return { description: reader.next().value, beforeDescriptionComment: comment };
}

/** A description within a type, which counts only when there is something in it; and the comment behind. */
function describe(reader: TokenReader): Described {
  const description = parseDescription(reader);
  const position = reader.position();
  const kept = description.description === "" ? NO_DESCRIPTION : description;
  return { ...kept, afterDescriptionComment: reader.comment, position };
}

interface Head {
  readonly description: Description;
  readonly isBuiltIn: boolean;
}

function parseDefinition(reader: TokenReader, { description, isBuiltIn }: Head): Definition {
  const { value } = reader.peek();
  const afterDescriptionComment = reader.comment;
  reader.next();
  const position = reader.position();
  const body = parseBody(reader, { word: value, isExtension: false });
  return { ...description, afterDescriptionComment, position, ...body, builtIn: isBuiltIn };
}

interface Word {
  readonly word: string;
  readonly isExtension: boolean;
}

type Body = Omit<Definition, "description" | "builtIn">;

/** What follows the word that a type begins with. */
function parseBody(reader: TokenReader, { word, isExtension }: Word): Body {
  const name = reader.name();
  const interfaces = word === "type" || (word === "interface" && !isExtension) ? parseInterfaces(reader) : [];
  // Only extensions of inputs may use variables here, for no known reason.
  const directives = parseDirectives(reader, !(word === "input" && isExtension));
  const fields = word === "type" || word === "interface" ? parseFields(reader, parseField) : undefined;
  const inputs = word === "input" ? parseFields(reader, parseInputField) : fields;
  const members = word === "union" ? parseMembers(reader) : { types: [] };
  const values = word === "enum" ? reader.some(["{", "}"], () => parseEnumValue(reader)) : undefined;
  return {
    kind: KINDS.get(word) ?? "",
    name,
    interfaces,
    directives,
    fields: inputs?.items ?? [],
    ...members,
    enumValues: values?.items ?? [],
    endOfDefinitionComment: inputs?.comment ?? values?.comment,
  };
}

function parseInterfaces(reader: TokenReader): readonly string[] {
  if (reader.peek().value !== "implements") return [];
  reader.next();
  reader.skip("&");
  return reader.separated("&", () => reader.name());
}

function parseFields(reader: TokenReader, parse: (reader: TokenReader) => FieldDefinition): Braced<FieldDefinition> {
  return reader.some(["{", "}"], () => parse(reader));
}

function parseField(reader: TokenReader): FieldDefinition {
  const described = describe(reader);
  const name = reader.name();
  const args = parseArgumentDefinitions(reader);
  reader.expect(":");
  return { ...described, name, arguments: args, type: parseType(reader), directives: parseDirectives(reader, true) };
}

function parseInputField(reader: TokenReader): FieldDefinition {
  return { ...parseArgumentDefinition(reader), arguments: [] };
}

function parseArgumentDefinitions(reader: TokenReader): readonly ArgumentDefinition[] {
  return reader.some(["(", ")"], () => parseArgumentDefinition(reader)).items;
}

function parseArgumentDefinition(reader: TokenReader): ArgumentDefinition {
  const described = describe(reader);
  const name = reader.name();
  reader.expect(":");
  const type = parseType(reader);
  const defaultValue = reader.skip("=") ? parseValue(reader, true) : undefined;
  return { ...described, name, type, defaultValue, directives: parseDirectives(reader, true) };
}

function parseMembers(reader: TokenReader): Pick<Definition, "types" | "typePositions"> {
  if (!reader.skip("=")) return { types: [] };
  reader.skip("|");
  const typePositions: Position[] = [];
  const types = reader.separated("|", () => {
    typePositions.push(reader.position());
    return reader.name();
  });
  return { types, typePositions };
}

function parseEnumValue(reader: TokenReader): EnumValueDefinition {
  return { ...describe(reader), name: reader.name(), directives: parseDirectives(reader, true) };
}

function parseSchemaDefinition(reader: TokenReader, description: Description): SchemaDefinition {
  const { comment } = reader;
  reader.expectKeyword("schema");
  return { ...parseSchemaBody(reader, comment), ...description };
}

function parseSchemaBody(reader: TokenReader, comment: CommentGroup | undefined): SchemaDefinition {
  const position = reader.position();
  const directives = parseDirectives(reader, true);
  const { items, comment: endOfDefinitionComment } = reader.some(["{", "}"], () => parseOperationType(reader));
  return {
    ...NO_DESCRIPTION,
    afterDescriptionComment: comment,
    position,
    directives,
    operationTypes: items,
    endOfDefinitionComment,
  };
}

function parseOperationType(reader: TokenReader): OperationTypeDefinition {
  const position = reader.position();
  const { comment } = reader;
  const token = reader.next();
  if (!OPERATIONS.has(token.value)) reader.unexpected(token);
  reader.expect(":");
  return { operation: token.value, type: reader.name(), position, comment };
}

function parseExtension(reader: TokenReader, isBuiltIn: boolean): Definition | SchemaDefinition {
  const { comment } = reader;
  reader.expectKeyword("extend");
  const { value: word } = reader.peek();
  if (word === "schema") {
    reader.next();
    const extension = parseSchemaBody(reader, comment);
    return extension.directives.length + extension.operationTypes.length === 0 ? reader.unexpected() : extension;
  }
  if (!KINDS.has(word)) return reader.unexpected();
  reader.expectKeyword(word);
  const position = reader.position();
  const body = parseBody(reader, { word, isExtension: true });
  const { interfaces, directives, fields, types, enumValues } = body;
  if ([interfaces, directives, fields, types, enumValues].every(({ length }) => length === 0)) reader.unexpected();
  return { ...NO_DESCRIPTION, afterDescriptionComment: comment, position, ...body, builtIn: isBuiltIn };
}

function parseDirectiveDefinition(reader: TokenReader, description: Description): DirectiveDefinition {
  const afterDescriptionComment = reader.comment;
  reader.expectKeyword("directive");
  reader.expect("@");
  const position = reader.position();
  const name = reader.name();
  const args = parseArgumentDefinitions(reader);
  const { kind, value } = reader.peek();
  const isRepeatable = kind === "Name" && value === "repeatable" && reader.skip("Name");
  reader.expectKeyword("on");
  reader.skip("|");
  const locations = reader.separated("|", () => parseLocation(reader));
  return { ...description, afterDescriptionComment, position, name, arguments: args, isRepeatable, locations };
}

const LOCATIONS = new Set([
  "QUERY",
  "MUTATION",
  "SUBSCRIPTION",
  "FIELD",
  "FRAGMENT_DEFINITION",
  "FRAGMENT_SPREAD",
  "INLINE_FRAGMENT",
  "VARIABLE_DEFINITION",
  "SCHEMA",
  "SCALAR",
  "OBJECT",
  "FIELD_DEFINITION",
  "ARGUMENT_DEFINITION",
  "INTERFACE",
  "UNION",
  "ENUM",
  "ENUM_VALUE",
  "INPUT_OBJECT",
  "INPUT_FIELD_DEFINITION",
]);

function parseLocation(reader: TokenReader): string {
  const token = reader.expect("Name");
  return LOCATIONS.has(token.value) ? token.value : reader.unexpected(token);
}
