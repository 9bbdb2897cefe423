import type { Operand, PlanFunction } from "../ir/statement.ts";
import type { Value } from "../values/value.ts";
import type { LocalUse } from "./local-use.ts";
import type { RuleIndex } from "./rule-index.ts";

/** One level that a `break` of the IR can leave. */
export interface Level {
  /** The JS statement that leaves it. */
  readonly leave: string;
  /** What must be undone when it is left from within for a level further out. */
  readonly restore: string;
  /** What was known at each place that leaves the level, where somebody asks. */
  readonly exits?: ReadonlyMap<number, Value>[];
}

/** The source being written, with the tables it refers to. */
export interface Emission {
  readonly lines: string[];
  /** Constants that have no literal, with their positions. */
  readonly constants: Map<Value, number>;
  /** Names of built-ins, by their position in the generated code. */
  readonly builtins: Map<string, number>;
  /** Constant patterns as JS literals, with their positions. */
  readonly patterns: Map<string, number>;
  /** Readers of constant keys, by key. */
  readonly readers: Map<string, string>;
  readonly functions: ReadonlyMap<string, number>;
  /** The data document, when nothing in the plan replaces it. */
  readonly data: Value | undefined;
  readonly files: readonly string[];
  /** Functions and tables that follow the function being written. */
  readonly tail: string[];
  readonly indexes: RuleIndex[];
  nameLast: number;
}

/** Where a statement stands. */
export interface Scope {
  readonly out: Emission;
  readonly use: LocalUse;
  readonly func: PlanFunction | undefined;
  /** Outermost first. */
  readonly levels: readonly Level[];
  /** Locals whose value is a constant here. Changes as statements are written. */
  readonly known: Map<number, Value>;
  /** JS that ends the function without a value; by default, it returns undefined. */
  readonly end?: string;
}

export function line(scope: Scope, text: string): void {
  scope.out.lines.push(text);
}

/** A name nobody else has. */
export function freshName(scope: Scope, prefix: string): string {
  scope.out.nameLast += 1;
  return `${prefix}${scope.out.nameLast}`;
}

export function within(scope: Scope, ...levels: readonly Level[]): Scope {
  return { ...scope, levels: [...scope.levels, ...levels], known: new Map(scope.known) };
}

/** JS that leaves `index` levels beyond the innermost; past the last one, the function ends undefined. */
export function leave(scope: Scope, index: number): string {
  const position = scope.levels.length - 1 - index;
  const crossed = scope.levels.slice(Math.max(0, position + 1)).toReversed();
  const target = position >= 0 ? scope.levels[position]?.leave : undefined;
  scope.levels[position]?.exits?.push(new Map(scope.known));
  const undo = crossed.map((level) => level.restore).join("");
  return `${undo}${target ?? scope.end ?? "return undefined;"}`;
}

/** What is known whichever way was taken. Equal constants may be two objects, which is no harm. */
export function meet(ways: readonly ReadonlyMap<number, Value>[]): Map<number, Value> {
  const [first = new Map<number, Value>(), ...others] = ways;
  return new Map([...first].filter(([local, value]) => others.every((way) => way.get(local) === value)));
}

/** JS that ends the innermost block. */
export function undefinedHere(scope: Scope): string {
  return leave(scope, 0);
}

/** JS that returns `expression` from the function, undoing every `with` on the way. */
export function returning(scope: Scope, expression: string): string {
  const undo = scope.levels.toReversed().map((level) => level.restore);
  return `${undo.join("")}return ${expression};`;
}

export function local(index: number): string {
  return `l${index}`;
}

export function operand(value: Operand): string {
  if (value.type === "local") return local(value.local);
  return value.type === "bool" ? String(value.bool) : JSON.stringify(value.string);
}

/** The value of an operand that is a constant here. */
export function knownOperand({ known }: Scope, value: Operand): Value | undefined {
  return value.type === "local" ? known.get(value.local) : undefined;
}

/** Notes that a local holds a constant from here on, or that it doesn't. */
export function know({ known }: Scope, local: number, value: Value | undefined): void {
  if (value === undefined) known.delete(local);
  else known.set(local, value);
}

/** A name for a constant. */
export function constant(scope: Scope, value: Value): string {
  const { constants } = scope.out;
  const position = constants.get(value) ?? constants.size;
  constants.set(value, position);
  return `C${position}`;
}

/** JS for the value of an operand: itself where it is known, which says more to JS engines than a variable does. */
export function valueOf(scope: Scope, value: Operand): string {
  const known = knownOperand(scope, value);
  if (known === undefined) return operand(value);
  if (typeof known === "string" || typeof known === "boolean" || known === null) return JSON.stringify(known);
  return typeof known === "number" ? `(${known})` : constant(scope, known);
}
