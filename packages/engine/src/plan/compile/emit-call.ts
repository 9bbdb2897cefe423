import type { Statement } from "../ir/statement.ts";
import { isPattern } from "../builtins/regex.ts";
import { freshName, know, leave, line, local, operand, undefinedHere, valueOf, type Scope } from "./emit-scope.ts";
import { inlineCall } from "./inline-builtins.ts";
import { DYNAMIC_UNDEFINED_BREAK } from "./interpret-statement.ts";

export function emitCall(s: Extract<Statement, { readonly kind: "Call" }>, scope: Scope): void {
  const args = s.args.map((arg) => valueOf(scope, arg));
  const index = scope.out.functions.get(s.func);
  const expression = index === undefined ? builtinCall(s.func, args, scope) : `f${index}(${args.join(", ")})`;
  know(scope, s.result, undefined);
  line(scope, `if ((${local(s.result)} = ${expression}) === undefined) { ${undefinedHere(scope)} }`);
}

export function emitCallDynamic(s: Extract<Statement, { readonly kind: "CallDynamic" }>, scope: Scope): void {
  const found = freshName(scope, "d");
  line(scope, `const ${found} = findFunction(tree, [${s.path.map(operand).join(", ")}]);`);
  line(scope, `if (${found} === undefined) { ${undefinedHere(scope)} }`);
  know(scope, s.result, undefined);
  const call = `functions[${found}](${s.args.map(local).join(", ")})`;
  line(scope, `if ((${local(s.result)} = ${call}) === undefined) { ${leave(scope, DYNAMIC_UNDEFINED_BREAK)} }`);
}

function builtinCall(name: string, args: readonly string[], scope: Scope): string {
  const { builtins, patterns } = scope.out;
  const [pattern = "", text = ""] = args;
  // A pattern that is a constant is compiled once and for all; an invalid one goes the long way, which says what is wrong with it.
  if (MATCHES.has(name) && pattern.startsWith('"') && isConstantPattern(pattern)) {
    const position = patterns.get(pattern) ?? patterns.size;
    patterns.set(pattern, position);
    return `(typeof ${text} === "string" ? T${position}(${text}) : ${longCall(name, args, builtins)})`;
  }
  return inlineCall(name, args, longCall(name, args, builtins));
}

/** Whether a JS literal is that of a valid pattern. */
function isConstantPattern(literal: string): boolean {
  const pattern: unknown = JSON.parse(literal);
  return typeof pattern === "string" && isPattern(pattern);
}

const MATCHES = new Set(["regex.match", "re_match"]);

function longCall(name: string, args: readonly string[], builtins: Map<string, number>): string {
  const position = builtins.get(name) ?? builtins.size;
  builtins.set(name, position);
  return `B${position}(${args.join(", ")})`;
}
