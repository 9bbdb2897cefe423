import type { Operand, Statement } from "../ir/statement.ts";
import type { Value } from "../values/value.ts";
import type { Linked } from "./program.ts";

/** The locals of one call. */
export type Frame = (Value | undefined)[];

/** Runs a statement; says how many blocks to leave beyond the current one, or {@link NEXT}, or {@link RETURN}. */
export type Step = (frame: Frame) => number;

/** The next statement follows. */
export const NEXT = -1;
/** The function returns what the state holds. */
export const RETURN = -2;
/** The current block ends. */
export const UNDEFINED = 0;

/** What statements need of their program. */
export interface InterpretContext extends Linked {
  readonly functions: ReadonlyMap<string, number>;
  /** Lookups in the data document. */
  readonly dataReferences: ReadonlySet<Statement>;
  readonly call: (index: number, args: Frame) => Value | undefined;
}

export function does(effect: Step | ((frame: Frame) => void)): Step {
  return (frame) => {
    effect(frame);
    return NEXT;
  };
}

export function assign(target: number, value: (frame: Frame) => Value | undefined): Step {
  return does((f) => {
    f[target] = value(f);
  });
}

/** Assigns what may be undefined, which ends the block. */
export function define(target: number, value: (frame: Frame) => Value | undefined): Step {
  return (f) => {
    const result = value(f);
    f[target] = result;
    return result === undefined ? UNDEFINED : NEXT;
  };
}

/** What is done with two operands. */
export type Binary<T> = (a: Value | undefined, b: Value | undefined) => T;

export function apply(
  a: Operand,
  b: Operand,
  operation: Binary<Value | undefined>,
): (frame: Frame) => Value | undefined {
  const readA = reader(a);
  const readB = reader(b);
  return (f) => operation(readA(f), readB(f));
}

export function test(a: Operand, b: Operand, condition: Binary<boolean>): Step {
  const readA = reader(a);
  const readB = reader(b);
  return (f) => (condition(readA(f), readB(f)) ? NEXT : UNDEFINED);
}

export function reader(operand: Operand): (frame: Frame) => Value | undefined {
  if (operand.type === "local") return (frame) => frame[operand.local];
  return operand.type === "bool" ? () => operand.bool : () => operand.string;
}
