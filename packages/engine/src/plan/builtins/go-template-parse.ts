import { fails } from "./operands.ts";

/** A template taken apart. Arguments of a command are terms. */
export type TemplateNode =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "output"; readonly pipeline: Pipeline }
  | { readonly kind: "if" | "with" | "range"; readonly pipeline: Pipeline; readonly body: Nodes; readonly other: Nodes }
  | { readonly kind: "break" | "continue" };

export type Nodes = readonly TemplateNode[];

/** Commands, each getting the one before as its last argument; perhaps kept in variables. */
export interface Pipeline {
  readonly variables: readonly string[];
  readonly isDeclaration: boolean;
  readonly commands: readonly (readonly Term[])[];
}

export type Term =
  | { readonly kind: "field"; readonly base: Term | undefined; readonly names: readonly string[] }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "word"; readonly name: string }
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  | { readonly kind: "pipeline"; readonly pipeline: Pipeline };

const ACTION = /\{\{(-\s)?([\s\S]*?)(\s-)?\}\}/;

export function parseTemplate(template: string): Nodes {
  const pieces: (string | Action)[] = [];
  let rest = template;
  for (let match = ACTION.exec(rest); match !== null; match = ACTION.exec(rest)) {
    const before = rest.slice(0, match.index);
    pieces.push(match[1] === undefined ? before : before.trimEnd());
    rest = rest.slice(match.index + match[0].length);
    if (match[3] !== undefined) rest = rest.trimStart();
    const text = (match[2] ?? "").trim();
    if (!text.startsWith("/*")) pieces.push({ text });
  }
  if (rest.includes("{{")) fails("template: unclosed action");
  pieces.push(rest);
  const parser = { pieces, at: 0 };
  const { nodes, end } = parseNodes(parser);
  return end === "" ? nodes : fails(`template: unexpected {{${end}}}`);
}

interface Action {
  readonly text: string;
}

interface Parser {
  readonly pieces: readonly (string | Action)[];
  at: number;
}

/** Nodes up to an `end` or `else`, which is given back. */
function parseNodes(parser: Parser): { readonly nodes: Nodes; readonly end: string } {
  const nodes: TemplateNode[] = [];
  for (;;) {
    const piece = parser.pieces[parser.at];
    if (piece === undefined) return { nodes, end: "" };
    parser.at += 1;
    if (typeof piece === "string") {
      if (piece !== "") nodes.push({ kind: "text", text: piece });
      continue;
    }
    if (piece.text === "end" || /^else\b/.test(piece.text)) return { nodes, end: piece.text };
    nodes.push(parseAction(parser, piece.text));
  }
}

function parseAction(parser: Parser, text: string): TemplateNode {
  if (text === "break" || text === "continue") return { kind: text };
  const match = /^(if|with|range)\s+([\s\S]*)$/.exec(text);
  const [, kind, condition = ""] = match ?? [];
  if (kind === "if" || kind === "with" || kind === "range") return parseBranch(parser, kind, condition);
  if (/^(define|template|block)\b/.test(text)) return fails("template: nested templates aren't supported");
  return { kind: "output", pipeline: parsePipeline(text) };
}

function parseBranch(parser: Parser, kind: "if" | "with" | "range", condition: string): TemplateNode {
  const { nodes: body, end } = parseNodes(parser);
  const pipeline = parsePipeline(condition);
  if (end === "end") return { kind, pipeline, body, other: [] };
  const chained = /^else\s+(if|with)\s+([\s\S]*)$/.exec(end);
  if (chained !== null) {
    const next = parseBranch(parser, chained[1] === "if" ? "if" : "with", chained[2] ?? "");
    return { kind, pipeline, body, other: [next] };
  }
  const { nodes: other, end: last } = parseNodes(parser);
  if (end !== "else" || last !== "end") return fails("template: unexpected end of branch");
  return { kind, pipeline, body, other };
}

const TOKEN =
  /\s*(:=|=|\||\(|\)|,|"(?:[^"\\]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)'|\$?(?:\.[\p{L}_][\p{L}\d_]*)+|\$[\p{L}\d_]*(?:\.[\p{L}_][\p{L}\d_]*)*|\.|[+-]?\d[\w.]*|[\p{L}_][\p{L}\d_]*|\S)/uy;

function parsePipeline(text: string): Pipeline {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) tokens.push(match[1] ?? "");
  const stream = { tokens, at: 0 };
  const pipeline = readPipeline(stream);
  return stream.at === tokens.length ? pipeline : fails("template: unexpected token");
}

interface Stream {
  readonly tokens: readonly string[];
  at: number;
}

function readPipeline(stream: Stream): Pipeline {
  const { tokens } = stream;
  const sign = tokens.findIndex((token) => token === ":=" || token === "=");
  const names = sign < 0 ? [] : tokens.slice(stream.at, sign).filter((token) => token !== ",");
  if (sign >= 0) stream.at = sign + 1;
  const commands: (readonly Term[])[] = [];
  let command: Term[] = [];
  for (; stream.at < tokens.length && tokens[stream.at] !== ")"; stream.at += 1) {
    if (tokens[stream.at] === "|") {
      commands.push(command);
      command = [];
    } else command.push(readTerm(stream));
  }
  commands.push(command);
  if (commands.some((terms) => terms.length === 0)) return fails("template: missing value for command");
  return { variables: names, isDeclaration: tokens[sign] === ":=", commands };
}

function readTerm(stream: Stream): Term {
  const token = stream.tokens[stream.at] ?? "";
  if (token === "(") {
    stream.at += 1;
    const pipeline = readPipeline(stream);
    if (stream.tokens[stream.at] !== ")") return fails("template: unclosed parenthesis");
    const base: Term = { kind: "pipeline", pipeline };
    const next = stream.tokens[stream.at + 1];
    if (next === undefined || !/^\.[\p{L}_]/u.test(next)) return base;
    stream.at += 1;
    return { kind: "field", base, names: next.slice(1).split(".") };
  }
  if (token.startsWith("$")) {
    const [name = "$", ...names] = token.split(".");
    const variable: Term = { kind: "variable", name };
    return names.length === 0 ? variable : { kind: "field", base: variable, names };
  }
  if (token === ".") return { kind: "field", base: undefined, names: [] };
  if (token.startsWith(".")) return { kind: "field", base: undefined, names: token.slice(1).split(".") };
  return readLiteral(token);
}

function readLiteral(token: string): Term {
  if (token.startsWith("`")) return { kind: "literal", value: token.slice(1, -1) };
  if (token.startsWith('"')) return { kind: "literal", value: unquote(token) };
  if (token === "true" || token === "false") return { kind: "literal", value: token === "true" };
  if (token === "nil") return { kind: "literal", value: null };
  if (/^[+-]?\d/.test(token)) {
    const value = Number(token);
    return Number.isFinite(value) ? { kind: "literal", value } : fails(`template: bad number ${token}`);
  }
  return /^[\p{L}_]/u.test(token) ? { kind: "word", name: token } : fails(`template: unexpected ${token}`);
}

function unquote(token: string): string {
  try {
    return String(JSON.parse(token));
  } catch {
    return fails(`template: bad string ${token}`);
  }
}
