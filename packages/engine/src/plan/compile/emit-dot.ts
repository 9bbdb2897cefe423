import type { Statement } from "../ir/statement.ts";
import { lookup } from "../values/lookup.ts";
import type { Value } from "../values/value.ts";
import { constant, know, knownOperand, line, local, operand, undefinedHere, type Scope } from "./emit-scope.ts";
import { isPlainKey } from "./local-use.ts";

/** A lookup. Constant keys of plain objects, which is what documents are read by, become property reads. */
export function emitDot(s: Extract<Statement, { readonly kind: "Dot" }>, scope: Scope): void {
  const known = knownOperand(scope, s.source);
  if (known !== undefined && s.key.type !== "local") return emitKnown(s, known, scope);
  know(scope, s.target, undefined);
  const target = local(s.target);
  const source = operand(s.source);
  const value =
    s.key.type === "string" && isPlainKey(s.key.string)
      ? `${memberReader(scope, s.key.string)}(${source})`
      : `${scope.use.dataReferences.has(s) ? "lookupData" : "lookup"}(${source}, ${operand(s.key)})`;
  line(scope, `if ((${target} = ${value}) === undefined) { ${undefinedHere(scope)} }`);
}

/** A lookup in the data document, done once and for all. */
function emitKnown(s: Extract<Statement, { readonly kind: "Dot" }>, source: Value, scope: Scope): void {
  const key = s.key.type === "string" ? s.key.string : s.key.type === "bool" ? s.key.bool : null;
  const value = lookup(source, key);
  know(scope, s.target, value);
  if (value === undefined) line(scope, `${local(s.target)} = undefined; ${undefinedHere(scope)}`);
  else line(scope, `${local(s.target)} = ${constant(scope, value)};`);
}

/** The name of a function that reads one constant key: a function for each keeps V8's property caches apart. */
export function memberReader(scope: Scope, key: string): string {
  const { readers } = scope.out;
  const known = readers.get(key);
  if (known !== undefined) return known;
  const name = `p${readers.size}`;
  readers.set(key, name);
  return name;
}

/**
 * INVARIANT: what an array, a class of ours or `Object.prototype` has under the key is no member; {@link isPlainKey} has excluded
 * all those names, and a polluted prototype is noticed before an evaluation begins.
 */
export function readerSource(name: string, key: string): string {
  const text = JSON.stringify(key);
  return `function ${name}(o) {
if (typeof o !== "object" || o === null) return undefined;
const v = o[${text}];
return v !== undefined ? v : o instanceof RegoObject ? o.get(${text}) : o instanceof RegoSet ? lookup(o, ${text}) : undefined;
}`;
}
