import type { Block, Operand, Statement } from "../ir/statement.ts";
import {
  addResult,
  addTo,
  appendTo,
  assignmentConflict,
  insertInto,
  insertOnceInto,
  merge,
  upsert,
} from "../run/operations.ts";
import { spend } from "../run/meter.ts";
import { equal } from "../values/compare.ts";
import { lengthOf, lookup, lookupData, scannedValue, scanOf } from "../values/lookup.ts";
import { numberFromText } from "../values/number.ts";
import { RegoObject } from "../values/object.ts";
import { RegoSet } from "../values/set.ts";
import { isObject, type Value } from "../values/value.ts";
import { findFunction } from "./function-table.ts";
import type { Linked } from "./program.ts";

/** The locals of one call. */
export type Frame = (Value | undefined)[];

/** Runs a statement; says how many blocks to leave beyond the current one, or {@link NEXT}, or {@link RETURN}. */
export type Step = (frame: Frame) => number;

/** The next statement follows. */
const NEXT = -1;
/** The function returns what the state holds. */
export const RETURN = -2;
/** The current block ends. */
const UNDEFINED = 0;

/** What statements need of their program. */
export interface InterpretContext extends Linked {
  readonly functions: ReadonlyMap<string, number>;
  /** Lookups in the data document. */
  readonly dataReferences: ReadonlySet<Statement>;
  readonly call: (index: number, args: Frame) => Value | undefined;
}

/** Blocks one after the other, until one leaves more than itself. */
export function interpretBlocks(blocks: readonly Block[], context: InterpretContext): Step {
  const steps = blocks.map((block) => interpretBlock(block, context));
  return (frame) => {
    for (const step of steps) {
      const left = step(frame);
      if (left === RETURN) return RETURN;
      if (left > 0) return left - 1;
    }
    return NEXT;
  };
}

function interpretBlock(block: Block, context: InterpretContext): Step {
  const steps = block.map((statement) => interpretStatement(statement, context));
  return (frame) => {
    for (const step of steps) {
      const left = step(frame);
      if (left !== NEXT) return left;
    }
    return NEXT;
  };
}

/** What each statement means is told beside its code in `emit-statement.ts`. */
function interpretStatement(s: Statement, context: InterpretContext): Step {
  switch (s.kind) {
    case "Call":
    case "CallDynamic":
    case "Block":
    case "Scan":
    case "Not":
    case "With":
      return interpretNested(s, context);
    case "ReturnLocal":
      return (f) => {
        context.state.returned = f[s.source];
        return RETURN;
      };
    case "Break":
      return () => s.index;
    case "Nop":
      return () => NEXT;
    case "ResultSetAdd":
      return does((f) => addResult(context.state.results, f[s.value]));
    case "Equal":
      return test(s.a, s.b, equal);
    case "NotEqual":
      return test(s.a, s.b, (a, b) => !equal(a, b));
    case "IsArray":
      return test(s.source, s.source, (value) => Array.isArray(value));
    case "IsObject":
      return test(s.source, s.source, (value) => isObject(value));
    case "IsSet":
      return test(s.source, s.source, (value) => value instanceof RegoSet);
    case "IsDefined":
      return (f) => (f[s.source] === undefined ? UNDEFINED : NEXT);
    case "IsUndefined":
      return (f) => (f[s.source] === undefined ? NEXT : UNDEFINED);
    default:
      return interpretAssignment(s, context);
  }
}

type Nested = Extract<Statement, { readonly kind: "Call" | "CallDynamic" | "Block" | "Scan" | "Not" | "With" }>;

function interpretNested(s: Nested, context: InterpretContext): Step {
  switch (s.kind) {
    case "Call":
      return interpretCall(s, context);
    case "CallDynamic":
      return interpretCallDynamic(s, context);
    case "Block":
      return interpretBlocks(s.blocks, context);
    case "Scan":
      return interpretScan(s, context);
    case "Not": {
      const body = interpretBlock(s.block, context);
      return (f) => {
        const left = body(f);
        if (left === RETURN) return RETURN;
        return left === NEXT ? UNDEFINED : left === UNDEFINED ? NEXT : left - 1;
      };
    }
    case "With":
      return interpretWith(s, context);
  }
}

function interpretCall(s: Extract<Statement, { readonly kind: "Call" }>, context: InterpretContext): Step {
  const args = s.args.map(reader);
  const index = context.functions.get(s.func);
  const builtin = index === undefined ? context.builtins.get(s.func) : undefined;
  return (f) => {
    const values = args.map((read) => read(f));
    const result = index === undefined ? builtin?.(...values) : context.call(index, values);
    f[s.result] = result;
    return result === undefined ? UNDEFINED : NEXT;
  };
}

/** How many blocks OPA leaves when the function called dynamically exists and is undefined. */
export const DYNAMIC_UNDEFINED_BREAK = 3;

function interpretCallDynamic(
  s: Extract<Statement, { readonly kind: "CallDynamic" }>,
  context: InterpretContext,
): Step {
  const path = s.path.map(reader);
  return (f) => {
    const index = findFunction(
      context.tree,
      path.map((read) => read(f)),
    );
    if (index === undefined) return UNDEFINED;
    const result = context.call(
      index,
      s.args.map((local) => f[local]),
    );
    f[s.result] = result;
    return result === undefined ? DYNAMIC_UNDEFINED_BREAK : NEXT;
  };
}

function interpretScan(s: Extract<Statement, { readonly kind: "Scan" }>, context: InterpretContext): Step {
  const body = interpretBlock(s.block, context);
  return (f) => {
    const source = f[s.source];
    const isArray = Array.isArray(source);
    for (const [position, key] of scanOf(source).entries()) {
      spend(1);
      f[s.key] = isArray ? position : key;
      f[s.value] = isArray ? key : scannedValue(source, key);
      const left = body(f);
      if (left === RETURN) return RETURN;
      if (left === 1) return NEXT;
      if (left > 1) return left - 2;
    }
    return NEXT;
  };
}

function interpretWith(s: Extract<Statement, { readonly kind: "With" }>, context: InterpretContext): Step {
  const body = interpretBlock(s.block, context);
  const value = reader(s.value);
  const { state } = context;
  return (f) => {
    const saved = f[s.local];
    const { generation } = state;
    state.generationLast += 1;
    state.generation = state.generationLast;
    f[s.local] = upsert(saved, s.path, value(f));
    const left = body(f);
    f[s.local] = saved;
    state.generation = generation;
    return left > 0 ? left - 1 : left;
  };
}

function interpretAssignment(s: Statement, context: InterpretContext): Step {
  const where = `${context.plan.files[s.location.file] ?? ""}:${s.location.row}`;
  switch (s.kind) {
    case "Dot":
      return define(s.target, apply(s.source, s.key, context.dataReferences.has(s) ? lookupData : lookup));
    case "Len":
      return define(
        s.target,
        apply(s.source, s.source, (value) => lengthOf(value)),
      );
    case "AssignVar":
      return assign(s.target, reader(s.source));
    case "AssignVarOnce": {
      const source = reader(s.source);
      return does((f) => {
        const value = source(f);
        if (f[s.target] === undefined) f[s.target] = value;
        else if (!equal(f[s.target], value)) assignmentConflict(where);
      });
    }
    case "ResetLocal":
      return assign(s.target, () => undefined);
    case "MakeNull":
      return assign(s.target, () => null);
    case "AssignInt":
    case "MakeNumberInt": {
      const value = numberFromText(s.value);
      return assign(s.target, () => value);
    }
    case "MakeNumberRef": {
      const value = numberFromText(s.text);
      return assign(s.target, () => value);
    }
    case "MakeArray":
      return assign(s.target, () => []);
    case "MakeObject":
      return assign(s.target, () => new RegoObject());
    case "MakeSet":
      return assign(s.target, () => new RegoSet());
    case "ObjectMerge":
      return assign(s.target, (f) => merge(f[s.a], f[s.b]));
    default:
      return interpretInsertion(s, where);
  }
}

function interpretInsertion(s: Statement, where: string): Step {
  switch (s.kind) {
    case "ArrayAppend": {
      const value = reader(s.value);
      return does((f) => appendTo(f[s.array], value(f)));
    }
    case "SetAdd": {
      const value = reader(s.value);
      return does((f) => addTo(f[s.set], value(f)));
    }
    case "ObjectInsert":
    case "ObjectInsertOnce": {
      const key = reader(s.key);
      const value = reader(s.value);
      if (s.kind === "ObjectInsert") return does((f) => insertInto(f[s.object], key(f), value(f)));
      return does((f) => insertOnceInto(f[s.object], [key(f), value(f)], where));
    }
    default:
      throw new TypeError(`statement without an interpreter: ${s.kind}`);
  }
}

function does(effect: Step | ((frame: Frame) => void)): Step {
  return (frame) => {
    effect(frame);
    return NEXT;
  };
}

function assign(target: number, value: (frame: Frame) => Value | undefined): Step {
  return does((f) => {
    f[target] = value(f);
  });
}

/** Assigns what may be undefined, which ends the block. */
function define(target: number, value: (frame: Frame) => Value | undefined): Step {
  return (f) => {
    const result = value(f);
    f[target] = result;
    return result === undefined ? UNDEFINED : NEXT;
  };
}

type Binary<T> = (a: Value | undefined, b: Value | undefined) => T;

function apply(a: Operand, b: Operand, operation: Binary<Value | undefined>): (frame: Frame) => Value | undefined {
  const readA = reader(a);
  const readB = reader(b);
  return (f) => operation(readA(f), readB(f));
}

function test(a: Operand, b: Operand, condition: Binary<boolean>): Step {
  const readA = reader(a);
  const readB = reader(b);
  return (f) => (condition(readA(f), readB(f)) ? NEXT : UNDEFINED);
}

function reader(operand: Operand): (frame: Frame) => Value | undefined {
  if (operand.type === "local") return (frame) => frame[operand.local];
  return operand.type === "bool" ? () => operand.bool : () => operand.string;
}
