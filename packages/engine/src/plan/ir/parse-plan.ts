/* oxlint-disable import/no-cycle -- statements hold blocks, blocks hold statements */
import { Fields, refuse } from "./fields.ts";
import { parseStatement } from "./parse-statement.ts";
import type { Block, BuiltinUse, EntryPlan, Plan, PlanFunction } from "./statement.ts";

/** Blocks may nest this deep; OPA's planner stays far below. */
const BLOCK_DEPTH_MAX = 500;

/**
 * Reads the contents of `plan.json` and checks everything that running it relies on.
 *
 * @throws PlanError `plan.invalid`
 */
export function parsePlan(json: unknown): Plan {
  const root = new Fields(json, "plan");
  const statics = new Fields(root.unknown("static") ?? {}, "static");
  const tables: Tables = { strings: values(statics, "strings"), depth: 0 };
  const plans = list(root, "plans").map((item) => parseEntry(new Fields(item, "plans"), tables));
  const functions = list(root, "funcs").map((item) => parseFunction(new Fields(item, "funcs"), tables));
  return {
    plans: unique(plans),
    functions: unique(functions),
    builtins: statics.list("builtin_funcs").map((item) => parseBuiltin(new Fields(item, "builtin_funcs"))),
    files: values(statics, "files"),
  };
}

/** What parsing a block needs to know. */
export interface Tables {
  readonly strings: readonly string[];
  readonly depth: number;
}

export function parseBlocks(fields: Fields, name: string, tables: Tables): readonly Block[] {
  return fields.list(name).map((item) => parseBlock(item, tables));
}

export function parseBlock(json: unknown, tables: Tables): Block {
  if (tables.depth > BLOCK_DEPTH_MAX) refuse(`blocks nest deeper than ${BLOCK_DEPTH_MAX}`);
  const deeper = { ...tables, depth: tables.depth + 1 };
  return new Fields(json, "block").list("stmts").map((item) => parseStatement(new Fields(item, "stmts"), deeper));
}

function parseEntry(fields: Fields, tables: Tables): EntryPlan {
  return { name: fields.string("name"), blocks: parseBlocks(fields, "blocks", tables) };
}

function parseFunction(fields: Fields, tables: Tables): PlanFunction {
  const params = fields.indexes("params");
  if (params.length < 2 || new Set(params).size < params.length) refuse("a function lacks parameters or repeats one");
  return {
    name: fields.string("name"),
    params,
    result: fields.index("return"),
    blocks: parseBlocks(fields, "blocks", tables),
    path: fields.has("path") ? fields.strings("path") : undefined,
  };
}

function parseBuiltin(fields: Fields): BuiltinUse {
  const arity = fields.has("decl") ? fields.object("decl").list("args").length : 0;
  return { name: fields.string("name"), arity };
}

function list(root: Fields, name: string): readonly unknown[] {
  return root.has(name) ? root.object(name).list(name) : [];
}

// OPA's strings are UTF-8, so a plan can't hold half a surrogate pair.
function values(fields: Fields, name: string): readonly string[] {
  return fields.list(name).map((item) => new Fields(item, name).string("value").toWellFormed());
}

function unique<T extends { readonly name: string }>(items: readonly T[]): readonly T[] {
  if (new Set(items.map((item) => item.name)).size < items.length) refuse("a name is defined twice");
  return items;
}
