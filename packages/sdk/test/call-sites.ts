import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseAst } from "rolldown/parseAst";

/** Methods by which bytes can get nearer to a socket in the clients' sources. */
const WRITERS = new Set([
  "publish",
  "publishMessage",
  "respondMessage",
  "sendCommand",
  "send",
  "fill",
  "write",
  "respond",
]);

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

/**
 * Every place in a client package where one of the writing methods is called, as `file: function: receiver.method`, sorted. Found in the syntax tree, so
 * that no comment or text counts.
 */
export function writingCallSites(packageName: string): readonly string[] {
  const folder = packageFolder(packageName);
  const files = readdirSync(join(folder, "lib"), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".js"),
  );
  const sites = files.sort().flatMap((file) => {
    const source = readFileSync(join(folder, "lib", file), "utf8");
    const found: string[] = [];
    walk(parseAst(source) as unknown as Node, "", (within, call) => {
      found.push(`${file}: ${within}: ${call}`);
    });
    return found;
  });
  return sites.toSorted();
}

function packageFolder(name: string): string {
  const entry = createRequire(import.meta.url).resolve(name);
  const end = entry.lastIndexOf(`node_modules/${name}/`) + `node_modules/${name}`.length;
  return entry.slice(0, end);
}

function walk(node: Node, within: string, found: (within: string, call: string) => void): void {
  const here = nameOf(node) ?? within;
  const callee = node.type === "CallExpression" ? asNode(node["callee"]) : undefined;
  if (callee?.type === "MemberExpression") {
    const text = textOf(callee);
    if (WRITERS.has(text.split(".").at(-1) ?? "")) found(here, text);
  }
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      const childNode = asNode(child);
      if (childNode !== undefined) walk(childNode, here, found);
    }
  }
}

function nameOf(node: Node): string | undefined {
  if (node.type === "MethodDefinition" || node.type === "PropertyDefinition") return textOf(asNode(node["key"]));
  if (node.type === "FunctionDeclaration") return textOf(asNode(node["id"]));
  return undefined;
}

function textOf(node: Node | undefined): string {
  if (node === undefined) return "?";
  if (node.type === "Identifier" || node.type === "PrivateIdentifier") return String(node["name"]);
  if (node.type === "ThisExpression") return "this";
  if (node.type === "Super") return "super";
  if (node.type === "MemberExpression") {
    const property = node["computed"] === true ? "[?]" : textOf(asNode(node["property"]));
    return `${textOf(asNode(node["object"]))}.${property}`;
  }
  return node.type === "CallExpression" ? `${textOf(asNode(node["callee"]))}()` : "?";
}

function asNode(value: unknown): Node | undefined {
  return typeof value === "object" && value !== null && "type" in value ? (value as Node) : undefined;
}
