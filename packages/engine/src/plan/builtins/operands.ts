/* oxlint-disable max-params, typescript/only-throw-error -- the words of one message; failures of built-ins are no errors */
import { BuiltinFailure } from "../run/builtin.ts";
import { numberToBigInt, numberToInt64, numberToSafeInt, type NumberValue } from "../values/number.ts";
import { RegoSet } from "../values/set.ts";
import { isNumber, isObject, kindOf, type ObjectValue, type Value } from "../values/value.ts";

// Checks of operands, in OPA's words. `position` counts from 1.

export function stringOperand(value: Value, position: number): string {
  return typeof value === "string" ? value : wrongType(position, value, "string");
}

export function numberOperand(value: Value, position: number): NumberValue {
  return isNumber(value) ? value : wrongType(position, value, "number");
}

/** An integer of any size. */
export function bigIntOperand(value: Value, position: number): bigint {
  if (!isNumber(value)) return wrongType(position, value, "integer");
  return numberToBigInt(value) ?? notInteger(position);
}

/** An integer that a count or an index can be; past the safe range it is clipped. */
export function intOperand(value: Value, position: number): number {
  const number = numberOperand(value, position);
  return numberToSafeInt(number) ?? notInteger(position);
}

export function int64Operand(value: Value, position: number): bigint {
  return numberToInt64(numberOperand(value, position)) ?? notInteger(position);
}

export function booleanOperand(value: Value, position: number): boolean {
  return typeof value === "boolean" ? value : wrongType(position, value, "boolean");
}

export function setOperand(value: Value, position: number): RegoSet {
  return value instanceof RegoSet ? value : wrongType(position, value, "set");
}

export function objectOperand(value: Value, position: number): ObjectValue {
  return isObject(value) ? value : wrongType(position, value, "object");
}

export function arrayOperand(value: Value, position: number): Value[] {
  return Array.isArray(value) ? value : wrongType(position, value, "array");
}

/** An array or a set, as its members in order. */
export function collectionOperand(value: Value, position: number): readonly Value[] {
  if (Array.isArray(value)) return value;
  return value instanceof RegoSet ? value.sorted() : wrongType(position, value, "array", "set");
}

/** An array or a set of strings. */
export function stringsOperand(value: Value, position: number): readonly string[] {
  return collectionOperand(value, position).map((member) =>
    typeof member === "string" ? member : wrongElement(position, value, member, "string"),
  );
}

export function wrongType(position: number, value: Value, ...expected: readonly string[]): never {
  const wanted = expected.length === 1 ? `${expected[0]}` : `one of {${expected.join(", ")}}`;
  throw new BuiltinFailure(`operand ${position} must be ${wanted} but got ${kindOf(value)}`, true);
}

export function wrongElement(position: number, whole: Value, member: Value, expected: string): never {
  const kind = kindOf(whole);
  throw new BuiltinFailure(
    `operand ${position} must be ${kind} of ${expected}s but got ${kind} containing ${kindOf(member)}`,
    true,
  );
}

/** An operand has the right type and a wrong value. */
export function wrongOperand(position: number, why: string): never {
  throw new BuiltinFailure(`operand ${position} ${why}`, true);
}

export function fails(message: string): never {
  throw new BuiltinFailure(message);
}

function notInteger(position: number): never {
  return wrongOperand(position, "must be integer number but got floating-point number");
}
