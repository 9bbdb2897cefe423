import { isPlainKey } from "../compile/local-use.ts";
import { readerSource } from "../compile/emit-dot.ts";
import { lookup } from "../values/lookup.ts";
import { RegoObject } from "../values/object.ts";
import { RegoSet } from "../values/set.ts";
import type { Value } from "../values/value.ts";
import type { ReaderTree } from "./reader-tree.ts";

/** What is found at a place of the input. */
export type Leaf = Value | undefined;

/** Reads the leaves of an input, always in the same order. */
export type LeafReader = (input: Leaf) => Leaf[];

/** A reader generated for the places, or one that walks down the tree where generating code is forbidden. */
export function leafReader(tree: ReaderTree): LeafReader {
  try {
    return generated(tree);
  } catch (reason) {
    if (!(reason instanceof EvalError)) throw reason;
    return (input) => {
      const leaves: Leaf[] = [];
      collect(tree, input, leaves);
      return leaves;
    };
  }
}

function collect({ isLeaf, children }: ReaderTree, value: Leaf, leaves: Leaf[]): void {
  if (isLeaf) leaves.push(value);
  for (const [key, child] of children) collect(child, lookup(value, key), leaves);
}

/** A function for each key keeps V8's property caches apart; nothing of the policy gets into it but through `JSON.stringify`. */
function generated(tree: ReaderTree): LeafReader {
  const readers = new Map<string, string>();
  const lines: string[] = [];
  const leaves: string[] = [];
  let count = 0;
  const emit = ({ isLeaf, children }: ReaderTree, name: string): void => {
    if (isLeaf) leaves.push(name);
    for (const [key, child] of children) {
      count += 1;
      const member = `v${count}`;
      lines.push(`const ${member} = ${readOf(key, name, readers)};`);
      emit(child, member);
    }
  };
  emit(tree, "v0");
  const functions = [...readers].map(([key, name]) => readerSource(name, key));
  const source = `${functions.join("\n")}\nreturn (v0) => { ${lines.join("\n")}\nreturn [${leaves.join(", ")}]; };`;
  const make: unknown = new Function("lookup", "RegoObject", "RegoSet", source); // oxlint-disable-line -- as tier C
  const reader: unknown = typeof make === "function" ? make(lookup, RegoObject, RegoSet) : undefined;
  return asReader(reader);
}

function readOf(key: string, source: string, readers: Map<string, string>): string {
  if (!isPlainKey(key)) return `lookup(${source}, ${JSON.stringify(key)})`;
  const name = readers.get(key) ?? `p${readers.size}`;
  readers.set(key, name);
  return `${name}(${source})`;
}

function asReader(made: unknown): LeafReader {
  return made as LeafReader; // oxlint-disable-line typescript/consistent-type-assertions -- generated just above
}
