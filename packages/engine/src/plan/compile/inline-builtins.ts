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
  ["contains", ([a, b], call) => `(${areTexts(a, b)} && ${a}.length < 1024 ? ${a}.includes(${b}) : ${call})`],
  ["plus", integers("+")],
  ["minus", integers("-")],
  ["is_string", ([a], call) => `(typeof ${a} === "string" ? true : ${call})`],
  ["is_array", ([a], call) => `(Array.isArray(${a}) ? true : ${call})`],
  ["count", ([a], call) => `(Array.isArray(${a}) ? ${a}.length : ${call})`],
  ["split", ([a, b], call) => `(${areTexts(a, b)} ? split(${a}, ${b}) : ${call})`],
  ["lower", ([a], call) => `(typeof ${a} === "string" && ${a}.length < 1024 ? toLower(${a}) : ${call})`],
  ["trim_prefix", ([a, b], call) => `(${areTexts(a, b)} && !${a}.startsWith(${b}) ? ${a} : ${call})`],
  ["trim_suffix", ([a, b], call) => `(${areTexts(a, b)} && !${a}.endsWith(${b}) ? ${a} : ${call})`],
  [
    "internal.member_2",
    ([a, b], call) => `(${a} !== undefined && ${b} !== undefined ? isMember(${a}, ${b}) : ${call})`,
  ],
]);

/** The expression for a call, `call` being the long way. Arguments are names or constants, safe to repeat. */
export function inlineCall(name: string, args: readonly string[], call: string): string {
  return INLINE.get(name)?.(args, call) ?? call;
}

function comparison(operator: string): Template {
  return ([a, b], call) => `(typeof ${a} === "number" && typeof ${b} === "number" ? ${a} ${operator} ${b} : ${call})`;
}

function strings(method: string): Template {
  return ([a, b], call) => `(${areTexts(a, b)} ? ${a}.${method}(${b}) : ${call})`;
}

function areTexts(a: string | undefined, b: string | undefined): string {
  return `typeof ${a} === "string" && typeof ${b} === "string"`;
}

function integers(operator: string): Template {
  return ([a, b], call) => `((${a} | 0) === ${a} && (${b} | 0) === ${b} ? ${a} ${operator} ${b} : ${call})`;
}
