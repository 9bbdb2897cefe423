import type { UncheckedBuiltin } from "../run/builtin.ts";
import { spend } from "../run/meter.ts";
import { equal } from "../values/compare.ts";
import { lengthOf, lookup } from "../values/lookup.ts";
import { numberToSafeInt } from "../values/number.ts";
import { objectEntries, objectGet, RegoObject } from "../values/object.ts";
import { RegoSet } from "../values/set.ts";
import { isNumber, isObject, kindOf, type Value } from "../values/value.ts";
import { arrayOperand, collectionOperand, fails, objectOperand, wrongOperand, wrongType } from "./operands.ts";

/** Filters, removals and JSON patches. */
export const JSON_EDIT_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  "json.filter": (_, object: Value, paths: Value) => filter(objectOperand(object, 1), pathTree(paths)),
  "json.remove": (_, object: Value, paths: Value) => remove(objectOperand(object, 1), pathTree(paths)),
  "json.patch": (_, target: Value, patches: Value) => arrayOperand(patches, 2).reduce<Value>(applyPatch, target),
};

type Path = readonly Value[];

function parsePath(path: Value): Path {
  if (Array.isArray(path)) return path;
  if (typeof path !== "string") {
    return wrongOperand(
      2,
      `must be one of {set, array} containing string paths or array of path segments but got ${kindOf(path)}`,
    );
  }
  if (path === "") return [];
  return path
    .replace(/^\/+/, "")
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Nested objects in which null marks the end of a path. */
function pathTree(paths: Value): RegoObject {
  if (!Array.isArray(paths) && !(paths instanceof RegoSet)) wrongType(2, paths, "set", "array");
  const root = new RegoObject();
  for (const path of collectionOperand(paths, 2).map(parsePath)) {
    const last = path.at(-1);
    let node: RegoObject | undefined = root;
    for (const key of path.slice(0, -1)) node = node === undefined ? undefined : childOf(node, key);
    if (last !== undefined) node?.set(last, null);
  }
  return root;
}

function childOf(node: RegoObject, key: Value): RegoObject | undefined {
  const child = node.get(key);
  if (child === null) return undefined;
  if (child instanceof RegoObject) return child;
  const made = new RegoObject();
  node.set(key, made);
  return made;
}

/** What the tree's paths reach. */
function filter(value: Value, tree: Value): Value | undefined {
  if (tree === null || !isObject(tree)) return tree === null ? value : undefined;
  if (Array.isArray(value)) {
    return value.flatMap((member, index) => filterMember(member, objectGet(tree, String(index))));
  }
  if (value instanceof RegoSet) {
    return RegoSet.of(value.sorted().flatMap((member) => filterMember(member, objectGet(tree, member))));
  }
  if (!isObject(value)) return value;
  const kept = new RegoObject();
  for (const [key, member] of objectEntries(value)) {
    for (const found of filterMember(member, objectGet(tree, key))) kept.set(key, found);
  }
  return kept;
}

function filterMember(member: Value, tree: Value | undefined): readonly Value[] {
  const kept = tree === undefined ? undefined : filter(member, tree);
  return kept === undefined ? [] : [kept];
}

/** What the tree's paths don't reach; undefined when a path ends here. */
function remove(value: Value, tree: Value | undefined): Value | undefined {
  if (tree === null) return undefined;
  if (tree === undefined || !isObject(tree)) return value;
  const rest = (member: Value, key: Value): readonly Value[] => {
    const kept = remove(member, objectGet(tree, key));
    return kept === undefined ? [] : [kept];
  };
  if (Array.isArray(value)) return value.flatMap((member, index) => rest(member, String(index)));
  if (value instanceof RegoSet) return RegoSet.of(value.sorted().flatMap((member) => rest(member, member)));
  if (!isObject(value)) return value;
  const kept = new RegoObject();
  for (const [key, member] of objectEntries(value)) for (const found of rest(member, key)) kept.set(key, found);
  return kept;
}

function applyPatch(target: Value, patch: Value): Value {
  if (!isObject(patch))
    return fails("must be an array of JSON-Patch objects, but at least one element is not an object");
  const required = (name: string): Value => present(objectGet(patch, name), `missing required attribute '${name}'`);
  const path = parsePath(required("path"));
  const op = required("op");
  switch (op) {
    case "add":
      return insertAt(target, path, required("value"));
    case "remove":
      return deleteAt(target, path) ?? null;
    case "replace":
      return replaceAt(target, path, required("value"));
    case "move": {
      const from = parsePath(required("from"));
      return insertAt(deleteAt(target, from), path, valueAt(target, from));
    }
    case "copy":
      return insertAt(target, path, valueAt(target, parsePath(required("from"))));
    case "test":
      return equal(valueAt(target, path), required("value")) ? target : fails("value differs from patch value");
    default:
      return fails("unrecognized op");
  }
}

function present(value: Value | undefined, otherwise: string): Value {
  return value === undefined ? fails(otherwise) : value;
}

function replaceAt(target: Value, path: Path, value: Value): Value {
  return insertAt(deleteAt(target, path), path, value);
}

function valueAt(target: Value, path: Path): Value {
  return path.reduce((node, key) => present(lookup(node, stepKey(node, key)), "path does not exist"), target);
}

/** The document with the parent of `path`'s end changed by `change`. */
function editAt(target: Value | undefined, path: Path, change: (node: Value, key: Value) => Value): Value {
  const [key, ...rest] = path;
  if (key === undefined || target === undefined) return fails("path does not exist");
  if (rest.length === 0) return change(target, key);
  const step = stepKey(target, key);
  const child = present(lookup(target, step), "path does not exist");
  const edited = editAt(child, rest, change);
  spend(1 + ((lengthOf(target) ?? 0) >> 3));
  if (Array.isArray(target)) return target.with(Number(step), edited);
  if (target instanceof RegoSet)
    return RegoSet.of([...target.values().filter((member) => !equal(member, child)), edited]);
  return withMember(target, step, edited);
}

function insertAt(target: Value | undefined, path: Path, value: Value): Value {
  if (path.length === 0) return value;
  return editAt(target, path, (node, key) => {
    spend(1 + ((lengthOf(node) ?? 0) >> 3));
    if (Array.isArray(node)) {
      const index = indexOf(node.length, key);
      if (index < 0 || index > node.length) fails("index for array insertion out of bounds");
      return node.toSpliced(index, 0, value);
    }
    if (!(node instanceof RegoSet)) return withMember(node, key, value);
    return equal(key, value) ? RegoSet.of([...node.values(), value]) : fails("set key does not equal value");
  });
}

/** Undefined when the whole document is deleted. */
function deleteAt(target: Value, path: Path): Value | undefined {
  if (path.length === 0) return undefined;
  return editAt(target, path, (node, key) => {
    spend(1 + ((lengthOf(node) ?? 0) >> 3));
    const step = stepKey(node, key);
    if (lookup(node, step) === undefined) fails("cannot delete child key that does not exist");
    if (Array.isArray(node)) return node.toSpliced(Number(step), 1);
    if (node instanceof RegoSet) return RegoSet.of(node.values().filter((member) => !equal(member, step)));
    return RegoObject.of([...objectEntries(objectOperand(node, 1))].filter(([name]) => !equal(name, step)));
  });
}

function withMember(node: Value, key: Value, value: Value): Value {
  if (!isObject(node)) return fails("expected composite type");
  const copy = RegoObject.of(objectEntries(node));
  copy.set(key, value);
  return copy;
}

/** Path segments are strings; an array wants a number. */
function stepKey(node: Value, key: Value): Value {
  return Array.isArray(node) ? indexOf(node.length, key) : key;
}

function indexOf(length: number, key: Value): number {
  if (key === "-") return length;
  if (isNumber(key)) return numberToSafeInt(key) ?? fails("invalid number type for indexing");
  if (typeof key !== "string" || !/^[+-]?\d+$/.test(key)) return fails("invalid index");
  if (key !== "0" && key.startsWith("0")) return fails("leading zeros are not allowed in JSON paths");
  return Number(key);
}
