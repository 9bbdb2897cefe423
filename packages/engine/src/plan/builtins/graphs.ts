import type { BuiltinContext, UncheckedBuiltin } from "../run/builtin.ts";
import { objectGet, sortedEntries } from "../values/object.ts";
import { RegoSet } from "../values/set.ts";
import { isObject, type ObjectValue, type Value } from "../values/value.ts";
import { objectOperand, wrongType } from "./operands.ts";

/** Walks over documents and graphs. */
export const GRAPH_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  walk: (context, value: Value) => {
    const found: Value[] = [];
    walk(context, value, { path: [], found });
    return found;
  },
  "graph.reachable": (context, graph: Value, start: Value) =>
    reachable(context, objectOperand(graph, 1), startOf(start)),
  "graph.reachable_paths": (context, graph: Value, start: Value) => {
    const paths = new RegoSet();
    const nodes = objectOperand(graph, 1);
    for (const node of startOf(start)) startPaths(node, { context, graph: nodes, paths });
    return paths;
  },
};

interface Walk {
  readonly path: Value[];
  readonly found: Value[];
}

function walk(context: BuiltinContext, value: Value, { path, found }: Walk): void {
  context.charge(1 + path.length);
  found.push([path, value]);
  if (Array.isArray(value))
    for (const [index, member] of value.entries()) walk(context, member, { path: [...path, index], found });
  else if (value instanceof RegoSet)
    for (const member of value.sorted()) walk(context, member, { path: [...path, member], found });
  else if (isObject(value)) {
    for (const [key, member] of sortedEntries(value)) walk(context, member, { path: [...path, key], found });
  }
}

function startOf(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value;
  return value instanceof RegoSet ? value.sorted() : wrongType(2, value, "{array, set}");
}

function reachable(context: BuiltinContext, graph: ObjectValue, start: readonly Value[]): RegoSet {
  const reached = new RegoSet();
  const queue = [...start];
  for (let at = 0; at < queue.length; at += 1) {
    context.charge(1);
    const node = queue[at];
    const edges = node === undefined ? undefined : objectGet(graph, node);
    if (node === undefined || edges === undefined || reached.has(node)) continue;
    for (const neighbour of edgesOf(edges)) if (!reached.has(neighbour)) queue.push(neighbour);
    reached.add(node);
  }
  return reached;
}

interface PathSearch {
  readonly context: BuiltinContext;
  readonly graph: ObjectValue;
  readonly paths: RegoSet;
}

function startPaths(node: Value, search: PathSearch): void {
  const edges = objectGet(search.graph, node);
  if (edges === undefined) return;
  const neighbours = edgesOf(edges);
  if (neighbours.length === 0) search.paths.add([node]);
  for (const neighbour of neighbours) follow(search, neighbour, [node]);
}

/** Follows every way from `node` until it ends, leaves the graph, or comes back to where it was. */
function follow(search: PathSearch, node: Value, path: Value[]): void {
  search.context.charge(path.length);
  const edges = objectGet(search.graph, node);
  if (edges === undefined) {
    search.paths.add(path);
    return;
  }
  const longer = [...path, node];
  const neighbours = edgesOf(edges);
  if (neighbours.length === 0) {
    search.paths.add(longer);
    return;
  }
  const reached = RegoSet.of(longer);
  for (const neighbour of neighbours) {
    if (reached.has(neighbour)) search.paths.add(longer);
    else follow(search, neighbour, longer);
  }
}

function edgesOf(edges: Value): readonly Value[] {
  if (Array.isArray(edges)) return edges;
  return edges instanceof RegoSet ? edges.sorted() : [];
}
