/* oxlint-disable import/no-cycle -- statements hold blocks, blocks hold statements */
import { Fields, refuse } from "./fields.ts";
import { parseBlock, parseBlocks, type Tables } from "./parse-plan.ts";
import type { Operand, Statement, StatementBody, StatementKind } from "./statement.ts";

export function parseStatement(item: Fields, tables: Tables): Statement {
  const type = item.string("type");
  const kind = type.endsWith("Stmt") ? type.slice(0, -4) : "";
  if (!isKind(kind)) return refuse(`unknown statement: ${type}`);
  const fields = new Fields(item.unknown("stmt") ?? {}, type);
  const location = { file: place(fields, "file"), row: place(fields, "row"), col: place(fields, "col") };
  return { ...PARSERS[kind](fields, tables), location };
}

type Parser = (fields: Fields, tables: Tables) => StatementBody;

const PARSERS: { readonly [K in StatementKind]: Parser } = {
  ReturnLocal: (f) => ({ kind: "ReturnLocal", source: f.index("source") }),
  Call: (f, t) => ({ kind: "Call", func: f.string("func"), args: operands(f, "args", t), result: f.index("result") }),
  CallDynamic: (f, t) => ({
    kind: "CallDynamic",
    args: f.indexes("args"),
    path: operands(f, "path", t),
    result: f.index("result"),
  }),
  Block: (f, t) => ({ kind: "Block", blocks: parseBlocks(f, "blocks", t) }),
  Break: (f) => ({ kind: "Break", index: f.index("index") }),
  Dot: (f, t) => ({
    kind: "Dot",
    source: operand(f, "source", t),
    key: operand(f, "key", t),
    target: f.index("target"),
  }),
  Len: (f, t) => ({ kind: "Len", source: operand(f, "source", t), target: f.index("target") }),
  Scan: (f, t) => ({
    kind: "Scan",
    source: f.index("source"),
    key: f.index("key"),
    value: f.index("value"),
    block: parseBlock(f.unknown("block"), t),
  }),
  Not: (f, t) => ({ kind: "Not", block: parseBlock(f.unknown("block"), t) }),
  AssignInt: (f) => ({ kind: "AssignInt", value: f.integer("value"), target: f.index("target") }),
  AssignVar: (f, t) => ({ kind: "AssignVar", source: operand(f, "source", t), target: f.index("target") }),
  AssignVarOnce: (f, t) => ({ kind: "AssignVarOnce", source: operand(f, "source", t), target: f.index("target") }),
  ResetLocal: (f) => ({ kind: "ResetLocal", target: f.index("target") }),
  MakeNull: (f) => ({ kind: "MakeNull", target: f.index("target") }),
  MakeNumberInt: (f) => ({ kind: "MakeNumberInt", value: f.integer("value"), target: f.index("target") }),
  // Go prints this one field with a capital.
  MakeNumberRef: (f, t) => ({
    kind: "MakeNumberRef",
    text: stringAt(f.has("Index") ? f.index("Index") : f.index("index"), t),
    target: f.index("target"),
  }),
  MakeArray: (f) => ({ kind: "MakeArray", target: f.index("target") }),
  MakeObject: (f) => ({ kind: "MakeObject", target: f.index("target") }),
  MakeSet: (f) => ({ kind: "MakeSet", target: f.index("target") }),
  Equal: (f, t) => ({ kind: "Equal", a: operand(f, "a", t), b: operand(f, "b", t) }),
  NotEqual: (f, t) => ({ kind: "NotEqual", a: operand(f, "a", t), b: operand(f, "b", t) }),
  IsArray: (f, t) => ({ kind: "IsArray", source: operand(f, "source", t) }),
  IsObject: (f, t) => ({ kind: "IsObject", source: operand(f, "source", t) }),
  IsSet: (f, t) => ({ kind: "IsSet", source: operand(f, "source", t) }),
  IsDefined: (f) => ({ kind: "IsDefined", source: f.index("source") }),
  IsUndefined: (f) => ({ kind: "IsUndefined", source: f.index("source") }),
  ArrayAppend: (f, t) => ({ kind: "ArrayAppend", value: operand(f, "value", t), array: f.index("array") }),
  ObjectInsert: (f, t) => ({ kind: "ObjectInsert", ...member(f, t) }),
  ObjectInsertOnce: (f, t) => ({ kind: "ObjectInsertOnce", ...member(f, t) }),
  ObjectMerge: (f) => ({ kind: "ObjectMerge", a: f.index("a"), b: f.index("b"), target: f.index("target") }),
  SetAdd: (f, t) => ({ kind: "SetAdd", value: operand(f, "value", t), set: f.index("set") }),
  With: (f, t) => ({
    kind: "With",
    local: f.index("local"),
    path: f.indexes("path").map((index) => stringAt(index, t)),
    value: operand(f, "value", t),
    block: parseBlock(f.unknown("block"), t),
  }),
  Nop: () => ({ kind: "Nop" }),
  ResultSetAdd: (f) => ({ kind: "ResultSetAdd", value: f.index("value") }),
};

function isKind(name: string): name is StatementKind {
  return Object.hasOwn(PARSERS, name);
}

function member(
  fields: Fields,
  tables: Tables,
): { readonly key: Operand; readonly value: Operand; readonly object: number } {
  return {
    key: operand(fields, "key", tables),
    value: operand(fields, "value", tables),
    object: fields.index("object"),
  };
}

function operands(fields: Fields, name: string, tables: Tables): readonly Operand[] {
  return fields.list(name).map((item) => parseOperand(new Fields(item, name), tables));
}

function operand(fields: Fields, name: string, tables: Tables): Operand {
  return parseOperand(fields.object(name), tables);
}

function parseOperand(fields: Fields, tables: Tables): Operand {
  const type = fields.string("type");
  if (type === "local") return { type, local: fields.index("value") };
  if (type === "bool") return { type, bool: fields.boolean("value") };
  if (type === "string_index") return { type: "string", string: stringAt(fields.index("value"), tables) };
  return refuse(`unknown operand: ${type}`);
}

function stringAt(index: number, tables: Tables): string {
  return tables.strings[index] ?? refuse(`no string at ${index}`);
}

function place(fields: Fields, name: string): number {
  return fields.has(name) ? fields.index(name) : 0;
}
