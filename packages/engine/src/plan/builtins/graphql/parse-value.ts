import { VALUE_KIND, type Argument, type ChildValue, type Directive, type GraphqlValue, type Type } from "./ast.ts";
import type { TokenReader } from "./token-reader.ts";

// What queries and schemas have in common.

const SCALARS: ReadonlyMap<string, number> = new Map([
  ["Int", VALUE_KIND.int],
  ["Float", VALUE_KIND.float],
  ["String", VALUE_KIND.string],
  ["BlockString", VALUE_KIND.blockString],
]);
const WORDS: ReadonlyMap<string, number> = new Map([
  ["true", VALUE_KIND.boolean],
  ["false", VALUE_KIND.boolean],
  ["null", VALUE_KIND.null],
]);

/** `isConstant` forbids variables. */
export function parseValue(reader: TokenReader, isConstant: boolean): GraphqlValue {
  const token = reader.peek();
  const { position } = token;
  const base = { raw: "", children: [], position, expectedTypeHasDefault: false };
  switch (token.kind) {
    case "[": {
      const { comment } = reader;
      const children = reader.many(["[", "]"], () => ({ name: "", value: parseValue(reader, isConstant) }));
      return { ...base, children, kind: VALUE_KIND.list, comment };
    }
    case "{": {
      const { comment } = reader;
      const children = reader.many(["{", "}"], () => parseMember(reader, isConstant));
      return { ...base, children, kind: VALUE_KIND.object, comment };
    }
    case "$":
      if (isConstant) return reader.unexpected();
      return { ...base, raw: parseVariable(reader), kind: VALUE_KIND.variable };
    default: {
      const kind = token.kind === "Name" ? (WORDS.get(token.value) ?? VALUE_KIND.enum) : SCALARS.get(token.kind);
      if (kind === undefined) return reader.unexpected();
      // Comments before a scalar are lost, as they are in OPA.
      return { ...base, raw: reader.next().value, kind };
    }
  }
}

function parseMember(reader: TokenReader, isConstant: boolean): ChildValue {
  const position = reader.position();
  const { comment } = reader;
  const name = reader.name();
  reader.expect(":");
  return { name, value: parseValue(reader, isConstant), position, comment };
}

export function parseVariable(reader: TokenReader): string {
  reader.expect("$");
  return reader.name();
}

export function parseArguments(reader: TokenReader, isConstant: boolean): readonly Argument[] {
  return reader.some(["(", ")"], () => {
    const position = reader.position();
    const { comment } = reader;
    const name = reader.name();
    reader.expect(":");
    return { name, value: parseValue(reader, isConstant), position, comment };
  }).items;
}

export function parseDirectives(reader: TokenReader, isConstant: boolean): readonly Directive[] {
  const directives: Directive[] = [];
  while (reader.skip("@")) {
    const position = reader.position();
    directives.push({ name: reader.name(), arguments: parseArguments(reader, isConstant), position, location: "" });
  }
  return directives;
}

export function parseType(reader: TokenReader): Type {
  const isList = reader.skip("[");
  const position = reader.position();
  const elem = isList ? parseType(reader) : undefined;
  const namedType = isList ? "" : reader.name();
  if (isList) reader.expect("]");
  return { namedType, elem, nonNull: reader.skip("!"), position };
}
