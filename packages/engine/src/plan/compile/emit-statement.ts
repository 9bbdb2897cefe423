import type { Block, Operand, Statement } from "../ir/statement.ts";
import { emitAssignment } from "./emit-assignment.ts";
import { emitCall, emitCallDynamic } from "./emit-call.ts";
import { emitDot } from "./emit-dot.ts";
import { foldConstant } from "./fold-constants.ts";
import { statementsOf, writesOf } from "./statement-locals.ts";
import { scanOf } from "../values/lookup.ts";
import { RegoSet } from "../values/set.ts";
import type { Value } from "../values/value.ts";
import {
  constant,
  freshName,
  know,
  knownOperand,
  leave,
  line,
  local,
  meet,
  operand,
  returning,
  undefinedHere,
  valueOf,
  within,
  type Scope,
} from "./emit-scope.ts";

/** Blocks in order; a statement that is undefined ends its block and the next one begins. */
export function emitBlocks(blocks: readonly Block[], scope: Scope): void {
  for (const block of blocks) {
    const label = freshName(scope, "b");
    const exits: ReadonlyMap<number, Value>[] = [];
    const inner = within(scope, { leave: `break ${label};`, restore: "", exits });
    line(scope, `${label}: {`);
    if (emitBlock(block, inner)) exits.push(inner.known);
    line(scope, "}");
    // What is known behind the block is what every way out of it knows.
    const known = meet(exits);
    scope.known.clear();
    for (const [local, value] of known) scope.known.set(local, value);
  }
}

/** Gives false when the end of the block is never reached. */
function emitBlock(block: Block, scope: Scope): boolean {
  const folded = new Set<Statement>();
  for (const [index, statement] of block.entries()) {
    if (folded.has(statement) || emitFolded(block, index, { scope, folded })) continue;
    emitStatement(statement, scope);
    if (statement.kind !== "Block") forgetWritten(statement, scope);
    // What follows is never reached, and JS engines need not read it.
    if (statement.kind === "Break" || statement.kind === "ReturnLocal") return false;
  }
  return true;
}

/** A composite that is the same whenever the block runs is made now; what builds it is left out. */
function emitFolded(
  block: Block,
  index: number,
  { scope, folded }: { readonly scope: Scope; readonly folded: Set<Statement> },
): boolean {
  const maker = block[index];
  const found = foldConstant(block, index, { known: scope.known, growth: scope.use.growth });
  if (found === undefined || maker === undefined) return false;
  for (const statement of found.built) folded.add(statement);
  for (const target of writesOf(maker)) {
    know(scope, target, found.value);
    line(scope, `${local(target)} = ${constant(scope, found.value)};`);
  }
  return true;
}

/** Leave a constant in their target, or say themselves that they don't. */
const KNOWING: ReadonlySet<Statement["kind"]> = new Set([
  "Dot",
  "AssignVar",
  "AssignInt",
  "MakeNull",
  "MakeNumberInt",
  "MakeNumberRef",
]);

/** A local that is written is no constant any more, unless the statement itself knows better. */
function forgetWritten(statement: Statement, { known }: Scope): void {
  for (const nested of statementsOf([[statement]])) {
    if (nested === statement && KNOWING.has(nested.kind)) continue;
    for (const local of writesOf(nested)) known.delete(local);
  }
}

function emitStatement(s: Statement, scope: Scope): void {
  switch (s.kind) {
    // Block: a nested sequence of blocks, so that breaks can leave it.
    case "Block":
      return emitBlocks(s.blocks, scope);
    // Scan: a walk over a composite's keys and values in order. Nothing happens when the source is a scalar or empty.
    case "Scan":
      return emitScan(s, scope);
    // Not: defined when its block isn't.
    case "Not":
      return emitNot(s, scope);
    // With: replaces a local, or a path in it, while its block runs. Functions called meanwhile don't share memos.
    case "With":
      return emitWith(s, scope);
    // Call: a function of the plan or a built-in; undefined when its result is.
    case "Call":
      return emitCall(s, scope);
    // CallDynamic: the function that answers at a path in `data`, if there is one.
    case "CallDynamic":
      return emitCallDynamic(s, scope);
    // Dot: an element, member or set member; undefined when there is none.
    case "Dot":
      return emitDot(s, scope);
    default:
      return emitSimple(s, scope);
  }
}

function emitSimple(s: Statement, scope: Scope): void {
  switch (s.kind) {
    // ReturnLocal: the function's value.
    case "ReturnLocal":
      return line(scope, emitReturn(s.source, scope));
    // Break: leaves `index` blocks beyond the current one.
    case "Break":
      return line(scope, leave(scope, s.index));
    // Nop: nothing.
    case "Nop":
      return;
    // ResultSetAdd: adds to the query's result set.
    case "ResultSetAdd":
      return line(scope, `addResult(S.results, ${local(s.value)});`);
    // Equal, NotEqual: tests of value equality.
    case "Equal":
      return unless(equality(s, scope), scope);
    case "NotEqual":
      return unless(`!(${equality(s, scope)})`, scope);
    // IsArray, IsObject, IsSet: tests of type.
    case "IsArray":
      return unless(`Array.isArray(${operand(s.source)})`, scope);
    case "IsObject":
      return unless(`isObject(${operand(s.source)})`, scope);
    case "IsSet":
      return unless(`${operand(s.source)} instanceof RegoSet`, scope);
    // IsDefined, IsUndefined: tests of whether a local has a value.
    case "IsDefined":
      return unless(`${local(s.source)} !== undefined`, scope);
    case "IsUndefined":
      return unless(`${local(s.source)} === undefined`, scope);
    default:
      return emitAssignment(s, scope);
  }
}

function emitReturn(source: number, scope: Scope): string {
  const { func } = scope;
  const index = func === undefined ? undefined : scope.out.functions.get(func.name);
  if (func?.params.length !== 2 || index === undefined) return returning(scope, local(source));
  return returning(scope, `(g${index} = entered, m${index} = ${local(source)})`);
}

function emitScan(s: Extract<Statement, { readonly kind: "Scan" }>, scope: Scope): void {
  const constantSource = scope.known.get(s.source);
  // A round of the loop sees what the round before has written.
  forgetWritten(s, scope);
  const [label, source, keys, at] = ["s", "c", "k", "i"].map((prefix) => freshName(scope, prefix));
  if (constantSource === undefined) line(scope, `const ${source} = ${local(s.source)}, ${keys} = scanOf(${source});`);
  const walked = constantSource === undefined ? { source, keys } : emitConstantSource(constantSource, scope);
  line(scope, `${label}: for (let ${at} = 0; ${at} < ${walked.keys}.length; ${at} += 1) {`);
  line(scope, "if (--METER.stepsLeft < 0) overBudget();");
  const round = roundOf(walked, `${at}`, constantSource);
  if (scope.use.read.has(s.key)) line(scope, `${local(s.key)} = ${round.key};`);
  if (scope.use.read.has(s.value)) line(scope, `${local(s.value)} = ${round.value};`);
  const levels = [`break ${label};`, `continue ${label};`].map((text) => ({ leave: text, restore: "" }));
  emitBlock(s.block, within(scope, ...levels));
  line(scope, "}");
}

/** Names of what is walked through, and of its keys in order. */
interface Walked {
  readonly source: string | undefined;
  readonly keys: string | undefined;
}

function emitConstantSource(source: Value, scope: Scope): Walked {
  return { source: constant(scope, source), keys: constant(scope, [...scanOf(source)]) };
}

/** JS for the key and the value of one round. */
function roundOf(
  { source, keys }: Walked,
  at: string,
  known: Value | undefined,
): { readonly key: string; readonly value: string } {
  const key = `${keys}[${at}]`;
  if (Array.isArray(known)) return { key: at, value: key };
  if (known instanceof RegoSet) return { key, value: key };
  if (known !== undefined) return { key, value: `scannedValue(${source}, ${key})` };
  return {
    key: `${keys} === ${source} ? ${at} : ${key}`,
    value: `${keys} === ${source} ? ${key} : scannedValue(${source}, ${key})`,
  };
}

function emitNot(s: Extract<Statement, { readonly kind: "Not" }>, scope: Scope): void {
  const label = freshName(scope, "n");
  line(scope, `${label}: {`);
  emitBlock(s.block, within(scope, { leave: `break ${label};`, restore: "" }));
  line(scope, undefinedHere(scope));
  line(scope, "}");
}

function emitWith(s: Extract<Statement, { readonly kind: "With" }>, scope: Scope): void {
  const [label, saved, generation, done] = ["w", "s", "g", "d"].map((prefix) => freshName(scope, prefix));
  const target = local(s.local);
  line(scope, `const ${saved} = ${target}, ${generation} = S.generation; let ${done} = false;`);
  line(scope, `S.generation = ++S.generationLast;`);
  line(scope, `${target} = upsert(${saved}, ${JSON.stringify(s.path)}, ${operand(s.value)});`);
  const restore = `${target} = ${saved}; S.generation = ${generation};`;
  line(scope, `${label}: {`);
  emitBlock(s.block, within(scope, { leave: `break ${label};`, restore }));
  line(scope, `${done} = true;`);
  line(scope, "}");
  line(scope, `${restore} if (!${done}) { ${undefinedHere(scope)} }`);
}

/** A text, boolean or null equals only itself; numbers and composites take more than JS's comparison. */
function equality(s: Extract<Statement, { readonly kind: "Equal" | "NotEqual" }>, scope: Scope): string {
  const [a, b] = [valueOf(scope, s.a), valueOf(scope, s.b)];
  return [s.a, s.b].some((side) => isSimple(side, scope)) ? `${a} === ${b}` : `equal(${a}, ${b})`;
}

function isSimple(side: Operand, scope: Scope): boolean {
  if (side.type !== "local") return true;
  const known = knownOperand(scope, side);
  return known === null || typeof known === "string" || typeof known === "boolean";
}

function unless(condition: string, scope: Scope): void {
  line(scope, `if (!(${condition})) { ${undefinedHere(scope)} }`);
}
