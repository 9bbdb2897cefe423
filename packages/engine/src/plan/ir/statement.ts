// OPA's plan IR as typed data. One type per statement; the comments are the IR's own definitions, shortened.

/** A local, a constant or a string of the static table. */
export type Operand =
  | { readonly type: "local"; readonly local: number }
  | { readonly type: "bool"; readonly bool: boolean }
  | { readonly type: "string"; readonly string: string };

/** Where a statement comes from. */
export interface Location {
  readonly file: number;
  readonly row: number;
  readonly col: number;
}

/** Statements run in order until one is undefined, which leaves the block. */
export type Block = readonly Statement[];

export type Statement = StatementBody & { readonly location: Location };

export type StatementBody =
  | { readonly kind: "ReturnLocal"; readonly source: number }
  | { readonly kind: "Call"; readonly func: string; readonly args: readonly Operand[]; readonly result: number }
  | {
      readonly kind: "CallDynamic";
      readonly args: readonly number[];
      readonly path: readonly Operand[];
      readonly result: number;
    }
  | { readonly kind: "Block"; readonly blocks: readonly Block[] }
  | { readonly kind: "Break"; readonly index: number }
  | { readonly kind: "Dot"; readonly source: Operand; readonly key: Operand; readonly target: number }
  | { readonly kind: "Len"; readonly source: Operand; readonly target: number }
  | {
      readonly kind: "Scan";
      readonly source: number;
      readonly key: number;
      readonly value: number;
      readonly block: Block;
    }
  | { readonly kind: "Not"; readonly block: Block }
  | { readonly kind: "AssignInt"; readonly value: string; readonly target: number }
  | { readonly kind: "AssignVar"; readonly source: Operand; readonly target: number }
  | { readonly kind: "AssignVarOnce"; readonly source: Operand; readonly target: number }
  | { readonly kind: "ResetLocal"; readonly target: number }
  | { readonly kind: "MakeNull"; readonly target: number }
  | { readonly kind: "MakeNumberInt"; readonly value: string; readonly target: number }
  | { readonly kind: "MakeNumberRef"; readonly text: string; readonly target: number }
  | { readonly kind: "MakeArray"; readonly target: number }
  | { readonly kind: "MakeObject"; readonly target: number }
  | { readonly kind: "MakeSet"; readonly target: number }
  | { readonly kind: "Equal"; readonly a: Operand; readonly b: Operand }
  | { readonly kind: "NotEqual"; readonly a: Operand; readonly b: Operand }
  | { readonly kind: "IsArray"; readonly source: Operand }
  | { readonly kind: "IsObject"; readonly source: Operand }
  | { readonly kind: "IsSet"; readonly source: Operand }
  | { readonly kind: "IsDefined"; readonly source: number }
  | { readonly kind: "IsUndefined"; readonly source: number }
  | { readonly kind: "ArrayAppend"; readonly value: Operand; readonly array: number }
  | { readonly kind: "ObjectInsert"; readonly key: Operand; readonly value: Operand; readonly object: number }
  | { readonly kind: "ObjectInsertOnce"; readonly key: Operand; readonly value: Operand; readonly object: number }
  | { readonly kind: "ObjectMerge"; readonly a: number; readonly b: number; readonly target: number }
  | { readonly kind: "SetAdd"; readonly value: Operand; readonly set: number }
  | {
      readonly kind: "With";
      readonly local: number;
      readonly path: readonly string[];
      readonly value: Operand;
      readonly block: Block;
    }
  | { readonly kind: "Nop" }
  | { readonly kind: "ResultSetAdd"; readonly value: number };

export type StatementKind = StatementBody["kind"];

/** A function over input and data, and over arguments when it has more than two parameters. */
export interface PlanFunction {
  readonly name: string;
  readonly params: readonly number[];
  readonly result: number;
  readonly blocks: readonly Block[];
  /** Where the function answers in `data`, for dynamic calls. */
  readonly path: readonly string[] | undefined;
}

/** One entrypoint. */
export interface EntryPlan {
  readonly name: string;
  readonly blocks: readonly Block[];
}

/** A built-in that the policy may call. */
export interface BuiltinUse {
  readonly name: string;
  /** Number of arguments; the printing ones are declared with none and called with one. */
  readonly arity: number;
}

/** A whole plan. */
export interface Plan {
  readonly plans: readonly EntryPlan[];
  readonly functions: readonly PlanFunction[];
  readonly builtins: readonly BuiltinUse[];
  readonly files: readonly string[];
}

/** The parameters that every function has, and the locals that every plan starts with. */
export const INPUT_LOCAL = 0;
export const DATA_LOCAL = 1;
