import type { Block, Statement } from "../ir/statement.ts";
import { addResult, upsert } from "../run/operations.ts";
import { spend } from "../run/meter.ts";
import { equal } from "../values/compare.ts";
import { scannedValue, scanOf } from "../values/lookup.ts";
import { RegoSet } from "../values/set.ts";
import { isObject } from "../values/value.ts";
import { findFunction } from "./function-table.ts";
import { interpretAssignment } from "./interpret-assignment.ts";
import { does, NEXT, reader, RETURN, test, UNDEFINED, type InterpretContext, type Step } from "./step.ts";

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

/** As `emit-statement.ts` generates it. */
function interpretStatement(s: Statement, context: InterpretContext): Step {
  switch (s.kind) {
    case "Call":
    case "CallDynamic":
    case "Block":
    case "Scan":
    case "Not":
    case "With":
      return interpretNested(s, context);
    // ReturnLocal: the function's value.
    case "ReturnLocal":
      return (f) => {
        context.state.returned = f[s.source];
        return RETURN;
      };
    // Break: leaves `index` blocks beyond the current one.
    case "Break":
      return () => s.index;
    // Nop: nothing.
    case "Nop":
      return () => NEXT;
    // ResultSetAdd: adds to the query's result set.
    case "ResultSetAdd":
      return does((f) => addResult(context.state.results, f[s.value]));
    // Equal, NotEqual: tests of value equality.
    case "Equal":
      return test(s.a, s.b, equal);
    case "NotEqual":
      return test(s.a, s.b, (a, b) => !equal(a, b));
    // IsArray, IsObject, IsSet: tests of type.
    case "IsArray":
      return test(s.source, s.source, (value) => Array.isArray(value));
    case "IsObject":
      return test(s.source, s.source, (value) => isObject(value));
    case "IsSet":
      return test(s.source, s.source, (value) => value instanceof RegoSet);
    // IsDefined, IsUndefined: tests of whether a local has a value.
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
