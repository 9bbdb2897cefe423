// Built-ins worth a JS expression of their own. Each gives way to the real one when its operands aren't of the plain kinds.

type Template = (args: readonly string[], call: string) => string;

const INLINE: ReadonlyMap<string, Template> = new Map<string, Template>([
  ["eq", ([a, b]) => `equal(${a}, ${b})`],
  ["equal", ([a, b]) => `equal(${a}, ${b})`],
  ["neq", ([a, b]) => `!equal(${a}, ${b})`],
  ["lt", comparison("<")],
  ["lte", comparison("<=")],
  ["gt", comparison(">")],
  ["gte", comparison(">=")],
  ["startswith", strings("startsWith")],
  ["endswith", strings("endsWith")],
  ["contains", strings("includes")],
  ["plus", integers("+")],
  ["minus", integers("-")],
  ["is_string", ([a], call) => `(typeof ${a} === "string" ? true : ${call})`],
  ["internal.member_2", ([a, b], call) => `(${b} instanceof RegoSet && ${a} !== undefined ? ${b}.has(${a}) : ${call})`],
]);

/** The expression for a call, `call` being the long way. Arguments are names or constants, safe to repeat. */
export function inlineCall(name: string, args: readonly string[], call: string): string {
  return INLINE.get(name)?.(args, call) ?? call;
}

function comparison(operator: string): Template {
  return ([a, b], call) => `(typeof ${a} === "number" && typeof ${b} === "number" ? ${a} ${operator} ${b} : ${call})`;
}

function strings(method: string): Template {
  return ([a, b], call) => `(typeof ${a} === "string" && typeof ${b} === "string" ? ${a}.${method}(${b}) : ${call})`;
}

function integers(operator: string): Template {
  return ([a, b], call) => `((${a} | 0) === ${a} && (${b} | 0) === ${b} ? ${a} ${operator} ${b} : ${call})`;
}
