import type { PlanFunction } from "../ir/statement.ts";

/** Finds functions by where they answer in `data`, for dynamic calls. */
export interface FunctionTree {
  readonly children: ReadonlyMap<string, FunctionTree>;
  /** Position in the plan's list of functions. */
  readonly index: number | undefined;
}

interface MutableTree {
  readonly children: Map<string, MutableTree>;
  index: number | undefined;
}

export function functionTree(functions: readonly PlanFunction[]): FunctionTree {
  const root: MutableTree = { children: new Map(), index: undefined };
  for (const [index, { path, params }] of functions.entries()) {
    if (path === undefined || params.length !== 2) continue;
    let node = root;
    for (const key of path) {
      const child: MutableTree = node.children.get(key) ?? { children: new Map(), index: undefined };
      node.children.set(key, child);
      node = child;
    }
    node.index = index;
  }
  return root;
}

export function findFunction(tree: FunctionTree, path: readonly unknown[]): number | undefined {
  let node: FunctionTree | undefined = tree;
  for (const key of path) node = typeof key === "string" ? node?.children.get(key) : undefined;
  return node?.index;
}
