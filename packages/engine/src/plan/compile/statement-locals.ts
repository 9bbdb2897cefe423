import type { Block, Operand, Statement } from "../ir/statement.ts";

/** Statements and everything nested in them, outermost first. */
export function* statementsOf(blocks: readonly Block[]): Generator<Statement> {
  for (const block of blocks) {
    for (const statement of block) {
      yield statement;
      yield* statementsOf(nestedBlocks(statement));
    }
  }
}

export function nestedBlocks(statement: Statement): readonly Block[] {
  if (statement.kind === "Block") return statement.blocks;
  if (statement.kind === "Scan" || statement.kind === "Not" || statement.kind === "With") return [statement.block];
  return [];
}

export function writesOf(s: Statement): readonly number[] {
  if ("target" in s) return [s.target];
  if (s.kind === "Call" || s.kind === "CallDynamic") return [s.result];
  if (s.kind === "Scan") return [s.key, s.value];
  return s.kind === "With" ? [s.local] : [];
}

export function readsOf(s: Statement): readonly number[] {
  switch (s.kind) {
    case "ReturnLocal":
    case "IsDefined":
    case "IsUndefined":
    case "Scan":
      return [s.source];
    case "Call":
      return locals(...s.args);
    case "CallDynamic":
      return [...s.args, ...locals(...s.path)];
    case "Dot":
      return locals(s.source, s.key);
    case "Len":
    case "AssignVar":
    case "IsArray":
    case "IsObject":
    case "IsSet":
      return locals(s.source);
    case "AssignVarOnce":
      return [...locals(s.source), s.target];
    case "Equal":
    case "NotEqual":
      return locals(s.a, s.b);
    case "ArrayAppend":
      return [...locals(s.value), s.array];
    case "SetAdd":
      return [...locals(s.value), s.set];
    case "ObjectInsert":
    case "ObjectInsertOnce":
      return [...locals(s.key, s.value), s.object];
    case "ObjectMerge":
      return [s.a, s.b];
    case "With":
      return [...locals(s.value), s.local];
    case "ResultSetAdd":
      return [s.value];
    default:
      return [];
  }
}

function locals(...operands: readonly Operand[]): readonly number[] {
  return operands.flatMap((operand) => (operand.type === "local" ? [operand.local] : []));
}
