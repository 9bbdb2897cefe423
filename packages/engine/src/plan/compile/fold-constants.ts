import type { Block, Operand, Statement } from "../ir/statement.ts";
import { numberFromText } from "../values/number.ts";
import { definePlain, RegoObject } from "../values/object.ts";
import { RegoSet } from "../values/set.ts";
import type { PlainObject, Value } from "../values/value.ts";
import { isPlainKey } from "./local-use.ts";

/** A composite that is the same in every evaluation, with the statements that build it. */
export interface Folded {
  readonly value: Value;
  readonly built: ReadonlySet<Statement>;
}

/** What is known where a composite is made. */
export interface FoldPlace {
  readonly known: ReadonlyMap<number, Value>;
  /** For each statement that makes a composite, how many others ever add to it; not there when that can't be told. */
  readonly growth: ReadonlyMap<Statement, number>;
}

/** The composite that a statement begins to make, when everything that is ever added to it is a constant and is added at once. */
export function foldConstant(block: Block, index: number, { known, growth }: FoldPlace): Folded | undefined {
  const maker = block[index];
  const additions = maker === undefined ? undefined : growth.get(maker);
  if (maker === undefined || additions === undefined) return undefined;
  const built = new Set<Statement>();
  // What builds constants that this one is made of; it stays where it is.
  const passed = new Set<Statement>();
  const constants = new Map(known);
  const parts: Part[] = [];
  for (let at = index + 1; parts.length < additions; at += 1) {
    const next = block[at];
    if (next === undefined) return undefined;
    const part = partOf(next, maker, constants);
    if (part !== undefined) {
      parts.push(part);
      built.add(next);
    } else if (!passed.has(next) && !define(block, at, { known: constants, growth, passed })) return undefined;
  }
  return { value: compose(maker, parts), built };
}

/** What is added: a value, and its key in an object. */
interface Part {
  readonly key: Value | undefined;
  readonly value: Value;
}

function partOf(s: Statement, maker: Statement, constants: ReadonlyMap<number, Value>): Part | undefined {
  const target = "target" in maker ? maker.target : -1;
  const value = "value" in s && typeof s.value === "object" ? constantOf(s.value, constants) : undefined;
  if (value === undefined) return undefined;
  if (s.kind === "SetAdd" && maker.kind === "MakeSet" && s.set === target) return { key: undefined, value };
  if (s.kind === "ArrayAppend" && maker.kind === "MakeArray" && s.array === target) return { key: undefined, value };
  if (s.kind !== "ObjectInsert" || maker.kind !== "MakeObject" || s.object !== target) return undefined;
  const key = constantOf(s.key, constants);
  return key === undefined ? undefined : { key, value };
}

/** The value of an operand that is a constant, or a local known to hold one. */
export function constantOf(operand: Operand, constants: ReadonlyMap<number, Value>): Value | undefined {
  if (operand.type === "local") return constants.get(operand.local);
  return operand.type === "bool" ? operand.bool : operand.string;
}

/** Follows a statement that only makes another constant, which is then known; false for any other. */
function define(
  block: Block,
  index: number,
  place: { readonly known: Map<number, Value>; readonly growth: FoldPlace["growth"]; readonly passed: Set<Statement> },
): boolean {
  const s = block[index];
  const simple = s === undefined ? undefined : simpleConstant(s);
  if (s !== undefined && "target" in s && simple !== undefined) {
    place.known.set(s.target, simple);
    return true;
  }
  const folded = foldConstant(block, index, place);
  if (folded === undefined || s === undefined || !("target" in s)) return false;
  place.known.set(s.target, folded.value);
  for (const statement of folded.built) place.passed.add(statement);
  return true;
}

/** The value that a statement leaves in its target, whatever the input. */
export function simpleConstant(s: Statement): Value | undefined {
  if (s.kind === "MakeNull") return null;
  if (s.kind === "MakeNumberInt" || s.kind === "AssignInt") return numberFromText(s.value);
  return s.kind === "MakeNumberRef" ? numberFromText(s.text) : undefined;
}

function compose(maker: Statement, parts: readonly Part[]): Value {
  if (maker.kind === "MakeArray") return parts.map(({ value }) => value);
  if (maker.kind === "MakeSet") return RegoSet.of(parts.map(({ value }) => value));
  if (!parts.every(({ key }) => typeof key === "string" && isPlainKey(key))) {
    return RegoObject.of(parts.map(({ key, value }) => [key ?? null, value]));
  }
  const object: PlainObject = {};
  for (const { key, value } of parts) if (typeof key === "string") definePlain(object, key, value);
  return object;
}
