import { isFields, itemsOf, memberAt, textOr, type Fields } from "./json-access.ts";

/** A place where a file names something under `data`. */
export interface DataRef {
  /** The constant steps after `data`, up to the first that is computed. */
  readonly path: readonly string[];
  readonly row: number;
  readonly col: number;
}

/** Every reference into `data` of a file: written out, imported, or through an import. Targets of `with` are left out: they define. */
export function readDataRefs(module: Fields): readonly DataRef[] {
  const aliases = new Map<string, readonly unknown[]>();
  const found: DataRef[] = [];
  for (const item of itemsOf(module["imports"])) {
    const steps = itemsOf(memberAt(item, "path", "value"));
    const name = textOr(memberAt(item, "alias"), textOr(memberAt(steps, steps.length - 1, "value"), ""));
    if (memberAt(steps, 0, "value") === "data") aliases.set(name, steps);
    found.push(...refAt(steps, memberAt(item, "path", "location")));
  }
  for (const rule of itemsOf(module["rules"])) found.push(...refsIn(rule, unshadowed(aliases, rule)));
  return found;
}

type Aliases = ReadonlyMap<string, readonly unknown[]>;

/** A name that a rule uses on its own may be a variable of its own, which hides the import. */
function unshadowed(aliases: Aliases, rule: unknown): Aliases {
  const variables = new Set<unknown>();
  walk(rule, (node) => {
    if (node["type"] === "var") variables.add(node["value"]);
  });
  return new Map([...aliases].filter(([name]) => !variables.has(name)));
}

function refsIn(rule: unknown, aliases: Aliases): readonly DataRef[] {
  const found: DataRef[] = [];
  walk(rule, (node) => {
    if (node["type"] !== "ref") return;
    const [head, ...rest] = itemsOf(node["value"]);
    const alias = aliases.get(textOr(memberAt(head, "value"), ""));
    found.push(...refAt([...(alias ?? [head]), ...rest], node["location"]));
  });
  return found;
}

function refAt(steps: readonly unknown[], location: unknown): readonly DataRef[] {
  const [head, ...rest] = steps;
  if (memberAt(head, "type") !== "var" || memberAt(head, "value") !== "data") return [];
  const computed = rest.findIndex((step) => memberAt(step, "type") !== "string");
  const path = rest.slice(0, computed === -1 ? undefined : computed).map((step) => textOr(memberAt(step, "value"), ""));
  return [{ path, row: Number(memberAt(location, "row")), col: Number(memberAt(location, "col")) }];
}

/** Every node but the targets of `with`; of a reference, its computed steps, not its head. */
function walk(node: unknown, visit: (node: Fields) => void): void {
  if (Array.isArray(node)) {
    for (const item of node) walk(item, visit);
    return;
  }
  if (!isFields(node)) return;
  visit(node);
  for (const [name, value] of Object.entries(node)) {
    if (name === "target" || (name === "ref" && Array.isArray(value))) continue;
    walk(node["type"] === "ref" && name === "value" ? itemsOf(value).slice(1) : value, visit);
  }
}
