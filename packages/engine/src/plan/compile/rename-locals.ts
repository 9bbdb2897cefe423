import type { Block, Operand, Statement, StatementBody } from "../ir/statement.ts";
import { exposedLocals } from "./exposed-locals.ts";

/**
 * The same blocks with a number of its own for every local that lives within one block. OPA's planner numbers them anew in each
 * block; whoever asks what a local can hold wants them apart.
 */
export function renameLocals(blocks: readonly Block[], params: readonly number[]): readonly Block[] {
  const shared = new Set([...params, ...exposedLocals(blocks)]);
  let last = params.reduce((max, local) => Math.max(max, local), 0);
  for (const local of shared) last = Math.max(last, local);
  return blocks.map((block) => {
    const names = new Map<number, number>();
    return renameBlock(block, (local) => {
      if (shared.has(local)) return local;
      const known = names.get(local);
      if (known !== undefined) return known;
      last += 1;
      names.set(local, last);
      return last;
    });
  });
}

type Rename = (local: number) => number;

function renameBlock(block: Block, rename: Rename): Block {
  return block.map((statement) => renameStatement(statement, rename));
}

function renameStatement(statement: Statement, rename: Rename): Statement {
  return { ...renameBody(statement, rename), location: statement.location };
}

function renameBody(s: Statement, rename: Rename): StatementBody {
  const operand = (value: Operand): Operand =>
    value.type === "local" ? { type: "local", local: rename(value.local) } : value;
  switch (s.kind) {
    case "ReturnLocal":
    case "IsDefined":
    case "IsUndefined":
      return { ...s, source: rename(s.source) };
    case "Call":
      return { ...s, args: s.args.map(operand), result: rename(s.result) };
    case "CallDynamic":
      return { ...s, args: s.args.map(rename), path: s.path.map(operand), result: rename(s.result) };
    case "Block":
      return { ...s, blocks: s.blocks.map((block) => renameBlock(block, rename)) };
    case "Scan":
      return {
        ...s,
        source: rename(s.source),
        key: rename(s.key),
        value: rename(s.value),
        block: renameBlock(s.block, rename),
      };
    case "Not":
      return { ...s, block: renameBlock(s.block, rename) };
    case "With":
      return { ...s, local: rename(s.local), value: operand(s.value), block: renameBlock(s.block, rename) };
    default:
      return renameSimple(s, rename, operand);
  }
}

type Simple = Exclude<
  Statement,
  {
    readonly kind:
      "ReturnLocal" | "IsDefined" | "IsUndefined" | "Call" | "CallDynamic" | "Block" | "Scan" | "Not" | "With";
  }
>;

function renameSimple(s: Simple, rename: Rename, operand: (value: Operand) => Operand): StatementBody {
  switch (s.kind) {
    case "Dot":
      return { ...s, source: operand(s.source), key: operand(s.key), target: rename(s.target) };
    case "Len":
    case "AssignVar":
    case "AssignVarOnce":
      return { ...s, source: operand(s.source), target: rename(s.target) };
    case "IsArray":
    case "IsObject":
    case "IsSet":
      return { ...s, source: operand(s.source) };
    case "Equal":
    case "NotEqual":
      return { ...s, a: operand(s.a), b: operand(s.b) };
    case "ArrayAppend":
      return { ...s, value: operand(s.value), array: rename(s.array) };
    case "SetAdd":
      return { ...s, value: operand(s.value), set: rename(s.set) };
    case "ObjectInsert":
    case "ObjectInsertOnce":
      return { ...s, key: operand(s.key), value: operand(s.value), object: rename(s.object) };
    case "ObjectMerge":
      return { ...s, a: rename(s.a), b: rename(s.b), target: rename(s.target) };
    case "ResultSetAdd":
      return { ...s, value: rename(s.value) };
    case "Break":
    case "Nop":
      return s;
    default:
      return { ...s, target: rename(s.target) };
  }
}
