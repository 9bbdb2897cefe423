import { pointerKeys, type Pointer } from "./access-path.ts";

/** Pointers by their common beginnings, so that each object on the way is looked up once. */
export interface ReaderTree {
  /** Everything from here on is read. */
  readonly isLeaf: boolean;
  readonly children: (readonly [string, ReaderTree])[];
}

/** None of the pointers may lie below another. */
export function readerTree(pointers: readonly Pointer[]): ReaderTree {
  const root: ReaderTree = { isLeaf: pointers.includes(""), children: [] };
  for (const pointer of pointers) {
    const keys = pointerKeys(pointer);
    let node = root;
    for (const [depth, key] of keys.entries()) {
      const known = node.children.find(([name]) => name === key)?.[1];
      const child = known ?? { isLeaf: depth === keys.length - 1, children: [] };
      if (known === undefined) node.children.push([key, child]);
      node = child;
    }
  }
  return root;
}
