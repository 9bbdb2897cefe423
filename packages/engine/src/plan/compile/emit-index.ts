import type { PlanFunction } from "../ir/statement.ts";
import { emitBlocks } from "./emit-statement.ts";
import { freshName, know, line, local, type Scope } from "./emit-scope.ts";
import { memberReader } from "./emit-dot.ts";
import { isPlainKey } from "./local-use.ts";
import { readsOf, statementsOf, writesOf } from "./statement-locals.ts";
import type { Guard } from "./guards.ts";
import { buildIndex } from "./rule-index.ts";
import type { Unit } from "./units.ts";

/** Fewer units are tried one after the other. */
const INDEXED_UNITS_MIN = 4;

/** The units of a function: runs of them that are guarded by the same place of the input are found by what lies there. */
export function emitUnits(units: readonly Unit[], func: PlanFunction, scope: Scope): void {
  const path = indexPath(units);
  for (let at = 0; at < units.length;) {
    let end = at;
    while (path !== undefined && guardOn(units[end], path) !== undefined) end += 1;
    if (path !== undefined && end - at >= INDEXED_UNITS_MIN) emitRun(units.slice(at, end), path, { func, scope });
    else {
      end = at + 1;
      emitBlocks(units[at]?.blocks ?? [], scope);
    }
    at = end;
  }
}

/** The place on which most different texts are tested; undefined when an index wouldn't pay. */
function indexPath(units: readonly Unit[]): string | undefined {
  const texts = new Map<string, Set<string>>();
  for (const { guards, isSeparate } of units) {
    if (!isSeparate) continue;
    for (const { path, values } of guards ?? []) {
      const known = texts.get(path) ?? new Set();
      texts.set(path, known);
      for (const text of values) known.add(text);
    }
  }
  const [best] = [...texts].sort(([, a], [, b]) => b.size - a.size);
  return best !== undefined && best[1].size >= INDEXED_UNITS_MIN ? best[0] : undefined;
}

function guardOn(unit: Unit | undefined, path: string): Guard | undefined {
  return unit?.isSeparate === true ? unit.guards?.find((guard) => guard.path === path) : undefined;
}

interface Place {
  readonly func: PlanFunction;
  readonly scope: Scope;
}

function emitRun(units: readonly Unit[], path: string, { func, scope }: Place): void {
  const { out } = scope;
  const guards = units.flatMap((unit) => guardOn(unit, path) ?? []);
  out.indexes.push(buildIndex(guards));
  const index = `X${out.indexes.length - 1}`;
  const [table, found, at] = ["u", "h", "i"].map((prefix) => freshName(scope, prefix));
  const names = units.map((unit) => emitSeparate(unit, func, scope));
  out.tail.push(`const ${table} = [${names.join()}];`);
  const result = local(func.result);
  know(scope, func.result, undefined);
  line(scope, `const ${found} = findUnits(${index}, ${readPath(scope, path, local(func.params[0] ?? 0))});`);
  const args = [...func.params, func.result].map(local).join(", ");
  line(
    scope,
    `for (let ${at} = 0; ${at} < ${found}.length; ${at} += 1) ${result} = ${table}[${found}[${at}]](${args});`,
  );
}

/** A unit as a function that takes the result so far and gives it back. */
function emitSeparate(unit: Unit, func: PlanFunction, scope: Scope): string {
  const name = freshName(scope, "r");
  const { out } = scope;
  const lines: string[] = [];
  const inner: Scope = {
    ...scope,
    out: { ...out, lines },
    levels: [],
    known: new Map(scope.known),
    end: `return ${local(func.result)};`,
  };
  emitBlocks(unit.blocks, inner);
  out.nameLast = inner.out.nameLast;
  const declared = unitLocals(unit, func);
  out.tail.push(`function ${name}(${[...func.params, func.result].map(local).join(", ")}) {`);
  if (declared.length > 0) out.tail.push(`let ${declared.map(local).join(", ")};`);
  out.tail.push(lines.join("\n"), `return ${local(func.result)};`, "}");
  return name;
}

function unitLocals({ blocks }: Unit, func: PlanFunction): readonly number[] {
  const outer = new Set([...func.params, func.result]);
  const all = new Set<number>();
  for (const statement of statementsOf(blocks))
    for (const name of [...readsOf(statement), ...writesOf(statement)]) all.add(name);
  return [...all].filter((name) => !outer.has(name));
}

function readPath(scope: Scope, path: string, input: string): string {
  const keys: unknown = JSON.parse(path);
  const names = Array.isArray(keys) ? keys.filter((key) => typeof key === "string") : [];
  return names.reduce((source, key) => {
    return isPlainKey(key) ? `${memberReader(scope, key)}(${source})` : `lookup(${source}, ${JSON.stringify(key)})`;
  }, input);
}
