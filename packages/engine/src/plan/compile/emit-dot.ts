import type { Statement } from "../ir/statement.ts";
import { line, local, operand, undefinedHere, type Scope } from "./emit-scope.ts";
import { isPlainKey } from "./local-use.ts";

/** A lookup. Constant keys of plain objects, which is what documents are read by, become property reads. */
export function emitDot(s: Extract<Statement, { readonly kind: "Dot" }>, scope: Scope): void {
  const target = local(s.target);
  const source = operand(s.source);
  if (s.key.type !== "string" || !isPlainKey(s.key.string)) {
    line(scope, `if ((${target} = lookup(${source}, ${operand(s.key)})) === undefined) { ${undefinedHere(scope)} }`);
    return;
  }
  line(
    scope,
    `if ((${target} = ${memberReader(scope, s.key.string)}(${source})) === undefined) { ${undefinedHere(scope)} }`,
  );
}

/**
 * The name of a function that reads one constant key. A function for each key keeps V8's property caches apart; the own-property
 * test keeps out whatever an array, a class of ours or a polluted prototype has under that name.
 */
function memberReader(scope: Scope, key: string): string {
  const { readers } = scope.out;
  const known = readers.get(key);
  if (known !== undefined) return known;
  const name = `p${readers.size}`;
  readers.set(key, name);
  return name;
}

export function readerSource(name: string, key: string): string {
  const text = JSON.stringify(key);
  return `function ${name}(o) {
if (typeof o !== "object" || o === null) return undefined;
const v = o[${text}];
if (v === undefined) return o instanceof RegoObject ? o.get(${text}) : o instanceof RegoSet ? lookup(o, ${text}) : undefined;
return hasOwn(o, ${text}) ? v : lookup(o, ${text});
}`;
}
