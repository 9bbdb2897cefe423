import type { JsonObject, JsonValue } from "@cortexos/protocol";
import { EvalsError } from "./evals-error.ts";

/** One call of a tool. */
export interface ToolCall {
  readonly tool: string;
  readonly args: JsonObject;
}

/** What a user asked an agent for, and the calls that do it. */
export interface Task {
  readonly suite: string;
  readonly id: string;
  readonly prompt: string;
  /** Facts that come with the session, for example `directory`; usually none. */
  readonly declared: JsonObject;
  readonly calls: readonly ToolCall[];
}

/** Calls that somebody talks an agent into while it works on a task. */
export interface Attack {
  readonly suite: string;
  readonly id: string;
  readonly kind: string;
  /** The tasks during which they are tried. */
  readonly during: readonly Task[];
  readonly calls: readonly ToolCall[];
}

/** A tool as its schema has it. */
export interface ToolSchema {
  readonly name: string;
  /** JSON Schema's name of each parameter's type; the empty text where there are several. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface Dataset {
  readonly tasks: readonly Task[];
  /** The tools of each suite, where the data set lists them. */
  readonly tools: ReadonlyMap<string, readonly ToolSchema[]>;
  readonly attacks: readonly Attack[];
}

/**
 * Reads a data set: `benign_tasks`, each `{suite, id, prompt, calls: [{function, args}], declared?}`, and, where there are any, `tools`, by suite
 * a list of `{name, params}` with a JSON Schema, and `attacks`, each `{suite, id, kind?, calls}` with the `user_task` it strikes, or a `prompt` of its own; with neither, it is tried during every task of
 * its suite.
 *
 * @throws EvalsError `evals.dataset`.
 */
export function readDataset(text: string): Dataset {
  const root = objectOf(parse(text), "the file");
  const tasks = listOf(root["benign_tasks"], "benign_tasks").map(readTask);
  const attacks = [...optionalList(root, "attacks"), ...optionalList(root, "injection_tasks")];
  const tools = Object.entries(objectOf(root["tools"] ?? {}, "tools")).map(([suite, list]) => {
    return [suite, listOf(list, `tools.${suite}`).map((tool, i) => readTool(tool, `tools.${suite}[${i}]`))] as const;
  });
  return {
    tasks,
    tools: new Map(tools),
    attacks: attacks.map((value, i) => readAttack(value, `attacks[${i}]`, tasks)),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EvalsError("evals.dataset", "the file is not JSON", { cause });
  }
}

function readTask(value: unknown, i: number): Task {
  const where = `benign_tasks[${i}]`;
  const fields = objectOf(value, where);
  return {
    suite: textOf(fields["suite"], `${where}.suite`),
    id: textOf(fields["id"], `${where}.id`),
    prompt: textOf(fields["prompt"], `${where}.prompt`),
    declared: fields["declared"] === undefined ? {} : objectOf(fields["declared"], `${where}.declared`),
    calls: readCalls(fields["calls"], `${where}.calls`),
  };
}

function readTool(value: unknown, where: string): ToolSchema {
  const fields = objectOf(value, where);
  const schema = objectOf(fields["params"] ?? {}, `${where}.params`);
  const properties = Object.entries(objectOf(schema["properties"] ?? {}, `${where}.params.properties`));
  const parameters = properties.map(([name, property]) => [name, typeOf(property)] as const);
  return { name: textOf(fields["name"], `${where}.name`), parameters: Object.fromEntries(parameters) };
}

/** A parameter that may be left out counts by its other type. */
function typeOf(property: JsonValue): string {
  if (!isJsonObject(property)) return "";
  const { anyOf, type } = property;
  if (typeof type === "string") return type;
  const types = Array.isArray(anyOf) ? anyOf.map((one: JsonValue) => typeOf(one)).filter((one) => one !== "null") : [];
  return types.length === 1 ? (types[0] ?? "") : "";
}

function readAttack(value: unknown, where: string, tasks: readonly Task[]): Attack {
  const fields = objectOf(value, where);
  const suite = textOf(fields["suite"], `${where}.suite`);
  const id = textOf(fields["id"], `${where}.id`);
  const calls = readCalls(fields["calls"], `${where}.calls`);
  const kind = fields["kind"] === undefined ? "injection" : textOf(fields["kind"], `${where}.kind`);
  return { suite, id, kind, calls, during: struckTasks(fields, { suite, id }, tasks) };
}

function struckTasks(
  fields: JsonObject,
  { suite, id }: Pick<Task, "suite" | "id">,
  tasks: readonly Task[],
): readonly Task[] {
  const { prompt, user_task: userTask } = fields;
  if (typeof prompt === "string") return [{ suite, id, prompt, declared: {}, calls: [] }];
  const ofSuite = tasks.filter((task) => task.suite === suite);
  const struck = typeof userTask === "string" ? ofSuite.filter((task) => task.id === userTask) : ofSuite;
  if (struck.length > 0) return struck;
  throw new EvalsError("evals.dataset", `attack \`${id}\`: no task of the suite \`${suite}\` for it to strike`);
}

function readCalls(value: unknown, where: string): readonly ToolCall[] {
  return listOf(value, where).map((call, i) => {
    const fields = objectOf(call, `${where}[${i}]`);
    const args = objectOf(fields["args"], `${where}[${i}].args`);
    return { tool: textOf(fields["function"], `${where}[${i}].function`), args };
  });
}

function optionalList(root: JsonObject, name: string): readonly unknown[] {
  return root[name] === undefined ? [] : listOf(root[name], name);
}

function listOf(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new EvalsError("evals.dataset", `${where}: a list is wanted`);
}

function textOf(value: unknown, where: string): string {
  if (typeof value === "string") return value;
  throw new EvalsError("evals.dataset", `${where}: a text is wanted`);
}

function objectOf(value: unknown, where: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw new EvalsError("evals.dataset", `${where}: an object is wanted`);
}

/** What came out of `JSON.parse` and is an object holds JSON. */
function isJsonObject(value: unknown): value is { readonly [name: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
