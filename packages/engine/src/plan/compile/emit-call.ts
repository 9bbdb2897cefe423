import type { Statement } from "../ir/statement.ts";
import { freshName, leave, line, local, operand, undefinedHere, type Scope } from "./emit-scope.ts";
import { inlineCall } from "./inline-builtins.ts";
import { DYNAMIC_UNDEFINED_BREAK } from "./interpret-statement.ts";

export function emitCall(s: Extract<Statement, { readonly kind: "Call" }>, scope: Scope): void {
  const args = s.args.map(operand);
  const index = scope.out.functions.get(s.func);
  const expression = index === undefined ? builtinCall(s.func, args, scope) : `f${index}(${args.join(", ")})`;
  line(scope, `if ((${local(s.result)} = ${expression}) === undefined) { ${undefinedHere(scope)} }`);
}

export function emitCallDynamic(s: Extract<Statement, { readonly kind: "CallDynamic" }>, scope: Scope): void {
  const found = freshName(scope, "d");
  line(scope, `const ${found} = findFunction(tree, [${s.path.map(operand).join(", ")}]);`);
  line(scope, `if (${found} === undefined) { ${undefinedHere(scope)} }`);
  const call = `functions[${found}](${s.args.map(local).join(", ")})`;
  line(scope, `if ((${local(s.result)} = ${call}) === undefined) { ${leave(scope, DYNAMIC_UNDEFINED_BREAK)} }`);
}

function builtinCall(name: string, args: readonly string[], scope: Scope): string {
  const { builtins } = scope.out;
  const position = builtins.get(name) ?? builtins.size;
  builtins.set(name, position);
  return inlineCall(name, args, `B${position}(${args.join(", ")})`);
}
