import { objectGet } from "../values/object.ts";
import { RegoObject } from "../values/object.ts";
import { isObject, type Value } from "../values/value.ts";

/** Deeper paths count as their prefix: paths could otherwise grow for ever through calls of calls. */
const PATH_DEPTH_MAX = 12;

/** A JSON pointer below the input; the empty one is the input itself. */
export type Pointer = string;

export function childPointer(parent: Pointer, key: string): Pointer | undefined {
  if (parent.split("/").length > PATH_DEPTH_MAX) return undefined;
  return `${parent}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

export function pointerKeys(pointer: Pointer): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Sorted, without those that lie below another one. */
export function minimalPointers(pointers: Iterable<Pointer>): readonly Pointer[] {
  const minimal: Pointer[] = [];
  for (const pointer of [...pointers].sort()) {
    const isCovered = minimal.some((other) => pointer === other || pointer.startsWith(`${other}/`));
    if (!isCovered) minimal.push(pointer);
  }
  return minimal;
}

/**
 * The part of an input that the pointers reach: objects on the way with nothing but what lies on it. An evaluation that reads
 * no more than the pointers can't tell it from the input.
 */
export function projectInput(input: Value, pointers: readonly Pointer[]): Value {
  if (pointers.includes("")) return input;
  const projected = new RegoObject();
  for (const pointer of pointers) copyPath(input, projected, pointerKeys(pointer));
  return projected;
}

function copyPath(source: Value, target: RegoObject, [key, ...rest]: readonly string[]): void {
  const value = key !== undefined && isObject(source) ? objectGet(source, key) : undefined;
  if (key === undefined || value === undefined) return;
  if (rest.length === 0) {
    target.set(key, value);
    return;
  }
  if (!isObject(value)) return;
  const present = target.get(key);
  const child = present instanceof RegoObject ? present : new RegoObject();
  target.set(key, child);
  copyPath(value, child, rest);
}
