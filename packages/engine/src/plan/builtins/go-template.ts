import type { BuiltinContext } from "../run/builtin.ts";
import { spendCharacters } from "../run/meter.ts";
import { compare, equal } from "../values/compare.ts";
import { lengthOf } from "../values/lookup.ts";
import { numberText } from "../values/number.ts";
import { objectGet, RegoObject, sortedEntries } from "../values/object.ts";
import { toJsonValue } from "../values/to-js.ts";
import { isNumber, isObject, type Value } from "../values/value.ts";
import { parseTemplate, type Nodes, type Pipeline, type TemplateNode, type Term } from "./go-template-parse.ts";
import { goSprintf, type FormatArgument } from "./go-format.ts";
import { fails, objectOperand, stringOperand } from "./operands.ts";
import { queryEscape } from "./url.ts";

/** Go's `text/template` over JSON values: actions, branches, loops, variables and the plain functions. */
export function renderTemplate(context: BuiltinContext, template: Value, values: Value): string {
  const nodes = parseTemplate(stringOperand(template, 1));
  const dot = templateValue(objectOperand(values, 2));
  const state: State = { context, variables: [{ name: "$", value: dot }], out: "" };
  run(nodes, dot, state);
  return state.out.replaceAll("<no value>", "<undefined>");
}

/** Decoded JSON as Go's templates see it: a number is the text it was written as. */
function templateValue(value: Value): Value {
  if (isNumber(value)) return numberText(value);
  if (Array.isArray(value)) return value.map(templateValue);
  const plain = toJsonValue(value);
  if (Array.isArray(plain)) return plain.map(templateValue);
  if (!isObject(plain)) return plain;
  return RegoObject.of([...sortedEntries(plain)].map(([key, member]) => [key, templateValue(member)]));
}

type Maybe = Value | undefined;

interface State {
  readonly context: BuiltinContext;
  readonly variables: { readonly name: string; value: Maybe }[];
  out: string;
}

/** How a sequence ended. */
type Ending = "break" | "continue" | undefined;

function run(nodes: Nodes, dot: Maybe, state: State): Ending {
  const depth = state.variables.length;
  for (const node of nodes) {
    state.context.charge(1);
    const ending = runNode(node, dot, state);
    if (ending !== undefined) {
      state.variables.length = depth;
      return ending;
    }
  }
  state.variables.length = depth;
  return undefined;
}

function runNode(node: TemplateNode, dot: Maybe, state: State): Ending {
  switch (node.kind) {
    case "text":
      spendCharacters(node.text.length);
      state.out += node.text;
      return undefined;
    case "output": {
      const value = evaluate(node.pipeline, dot, state);
      if (node.pipeline.variables.length === 0) {
        const text = printed(value);
        spendCharacters(text.length);
        state.out += text;
      }
      return undefined;
    }
    case "break":
    case "continue":
      return node.kind;
    case "range":
      return runRange(node, dot, state);
    default: {
      const depth = state.variables.length;
      const value = evaluate(node.pipeline, dot, state);
      const inner = node.kind === "with" && isTrue(value) ? value : dot;
      const ending = run(isTrue(value) ? node.body : node.other, inner, state);
      state.variables.length = depth;
      return ending;
    }
  }
}

function runRange(
  node: Extract<TemplateNode, { readonly kind: "if" | "with" | "range" }>,
  dot: Maybe,
  state: State,
): Ending {
  const items = itemsOf(evaluate({ ...node.pipeline, variables: [] }, dot, state));
  if (items.length === 0) return run(node.other, dot, state);
  const [first, second] = node.pipeline.variables;
  for (const [key, value] of items) {
    const depth = state.variables.length;
    if (first !== undefined) state.variables.push({ name: first, value: second === undefined ? value : key });
    if (second !== undefined) state.variables.push({ name: second, value });
    const ending = run(node.body, value, state);
    state.variables.length = depth;
    if (ending === "break") break;
  }
  return undefined;
}

function itemsOf(value: Maybe): readonly (readonly [Value, Value])[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map((member, index) => [index, member]);
  return isObject(value) ? [...sortedEntries(value)] : fails("template: range can't iterate over value");
}

function evaluate(pipeline: Pipeline, dot: Maybe, state: State): Maybe {
  let value: Maybe;
  for (const [index, command] of pipeline.commands.entries()) {
    value = evaluateCommand(command, { dot, state, piped: index === 0 ? [] : [value] });
  }
  const [name] = pipeline.variables;
  if (name === undefined) return value;
  if (pipeline.isDeclaration) state.variables.push({ name, value });
  else variable(state, name).value = value;
  return value;
}

interface Call {
  readonly dot: Maybe;
  readonly state: State;
  readonly piped: readonly Maybe[];
}

function evaluateCommand([head, ...rest]: readonly Term[], { dot, state, piped }: Call): Maybe {
  if (head === undefined) return fails("template: missing value for command");
  const args = [...rest.map((term) => valueOf(term, dot, state)), ...piped];
  if (head.kind === "word") return callFunction(head.name, args);
  return args.length === 0 ? valueOf(head, dot, state) : fails("template: can't give argument to non-function");
}

function valueOf(term: Term, dot: Maybe, state: State): Maybe {
  switch (term.kind) {
    case "literal":
      return term.value;
    case "variable":
      return variable(state, term.name).value;
    case "word":
      return callFunction(term.name, []);
    case "pipeline":
      return evaluate(term.pipeline, dot, state);
    case "field":
      return term.names.reduce(fieldOf, term.base === undefined ? dot : valueOf(term.base, dot, state));
  }
}

function fieldOf(value: Maybe, name: string): Maybe {
  if (isObject(value)) return objectGet(value, name);
  return value === undefined || value === null
    ? fails(`template: nil data; no entry for key "${name}"`)
    : fails(`template: can't evaluate field ${name}`);
}

function variable(state: State, name: string): { readonly name: string; value: Maybe } {
  return state.variables.findLast((item) => item.name === name) ?? fails(`template: undefined variable ${name}`);
}

function callFunction(name: string, args: readonly Maybe[]): Maybe {
  const [a, b] = args;
  switch (name) {
    case "and":
      return args.find((arg) => !isTrue(arg)) ?? args.at(-1);
    case "or":
      return args.find(isTrue) ?? args.at(-1);
    case "not":
      return !isTrue(a);
    case "len":
      return (a === undefined ? undefined : lengthOf(a)) ?? fails("template: len of value without length");
    case "eq":
      return args.slice(1).some((arg) => same(a, arg));
    case "ne":
      return !same(a, b);
    case "lt":
    case "le":
    case "gt":
    case "ge":
      return ordered(name, a, b);
    case "index":
      return args.slice(1).reduce((value, key) => indexInto(value, key), a);
    case "print":
    case "println":
      return args.map(printed).join(" ") + (name === "println" ? "\n" : "");
    case "printf":
      return goSprintf(
        typeof a === "string" ? a : fails("template: wrong type for value"),
        args.slice(1).map(formatArgument),
      );
    case "urlquery":
      return queryEscape(args.map(printed).join(""));
    default:
      return fails(`template: function "${name}" not defined`);
  }
}

function same(a: Maybe, b: Maybe): boolean {
  if (a === undefined || b === undefined || typeof a !== typeof b)
    return fails("template: incompatible types for comparison");
  return typeof a === "object" ? fails("template: non-comparable type") : equal(a, b);
}

function formatArgument(value: Maybe): FormatArgument {
  if (typeof value !== "number")
    return { type: "string", value: typeof value === "string" ? value : inner(value ?? null) };
  return Number.isInteger(value) ? { type: "int64", value: BigInt(value) } : { type: "float64", value };
}

function ordered(name: string, a: Maybe, b: Maybe): boolean {
  if (a === undefined || b === undefined || typeof a !== typeof b)
    return fails("template: incompatible types for comparison");
  const order = compare(a, b);
  return name === "lt" ? order < 0 : name === "le" ? order <= 0 : name === "gt" ? order > 0 : order >= 0;
}

function indexInto(value: Maybe, key: Maybe): Maybe {
  if (Array.isArray(value) && typeof key === "number") return value[key] ?? fails("template: index out of range");
  return isObject(value) && key !== undefined ? objectGet(value, key) : fails("template: can't index value");
}

function isTrue(value: Maybe): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === "") return false;
  return lengthOf(value) !== 0;
}

/** As Go prints decoded JSON. */
function printed(value: Maybe): string {
  if (value === undefined || value === null) return "<no value>";
  if (typeof value === "string") return value;
  if (isNumber(value)) return numberText(value);
  if (Array.isArray(value)) return `[${value.map(inner).join(" ")}]`;
  if (!isObject(value)) return value === true ? "true" : "false";
  return `map[${[...sortedEntries(value)].map(([key, member]) => `${inner(key)}:${inner(member)}`).join(" ")}]`;
}

function inner(value: Value): string {
  return value === null ? "<nil>" : printed(value);
}
