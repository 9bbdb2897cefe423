import type { JsonObject, JsonValue } from "./json-value.ts";

/**
 * Parses a JSON pointer (RFC 6901).
 *
 * @returns its unescaped segments, none for the whole document; `undefined` when it isn't a pointer.
 */
export function parsePointer(pointer: string): readonly string[] | undefined {
  if (pointer === "") return [];
  if (!pointer.startsWith("/") || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split("/")
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The value at a pointer, or `undefined`. Own properties and array items only, never what a prototype holds. */
export function getPointer(value: JsonValue, segments: readonly string[]): JsonValue | undefined {
  let current: JsonValue | undefined = value;
  for (const segment of segments) {
    if (current === undefined) return undefined;
    current = child(current, segment);
  }
  return current;
}

/**
 * A copy of a value with something else at a pointer. The parent must be there; an object gains the member, an array only takes an
 * existing index, or `-` for a new last item.
 *
 * @returns `undefined` when there is no such place.
 */
export function setPointer(value: JsonValue, segments: readonly string[], member: JsonValue): JsonValue | undefined {
  return change(value, segments, { member });
}

/**
 * A copy of a value without what a pointer names.
 *
 * @returns `undefined` when there is nothing there, or when the pointer names the whole document.
 */
export function removePointer(value: JsonValue, segments: readonly string[]): JsonValue | undefined {
  if (getPointer(value, segments) === undefined) return undefined;
  return change(value, segments, {});
}

/** Whether a pointer lies under a pattern of the same length, in which `*` stands for any one segment. */
export function matchesPointer(pattern: readonly string[], pointer: readonly string[]): boolean {
  return pattern.length === pointer.length && pattern.every((segment, i) => segment === "*" || segment === pointer[i]);
}

/** What a change puts in place; no member means: take away. */
interface Change {
  readonly member?: JsonValue;
}

function change(value: JsonValue, segments: readonly string[], to: Change): JsonValue | undefined {
  const [head, ...rest] = segments;
  if (head === undefined) return to.member;
  if (typeof value !== "object" || value === null) return undefined;
  if (rest.length === 0) return changeMember(value, head, to);
  const inner = child(value, head);
  const changed = inner === undefined ? undefined : change(inner, rest, to);
  return changed === undefined ? undefined : changeMember(value, head, { member: changed });
}

function changeMember(value: JsonObject | readonly JsonValue[], key: string, to: Change): JsonValue | undefined {
  if (isArray(value)) {
    if (key === "-") return to.member === undefined ? undefined : [...value, to.member];
    const index = arrayIndex(value, key);
    if (index === -1) return undefined;
    return to.member === undefined ? value.toSpliced(index, 1) : value.with(index, to.member);
  }
  // A computed key and a spread define own properties, `__proto__` among them.
  if (to.member !== undefined) return { ...value, [key]: to.member };
  const { [key]: _gone, ...rest } = value;
  return rest;
}

function child(value: JsonValue, segment: string): JsonValue | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (isArray(value)) return value[arrayIndex(value, segment)];
  return Object.hasOwn(value, segment) ? value[segment] : undefined;
}

function arrayIndex(value: readonly JsonValue[], segment: string): number {
  if (!/^(?:0|[1-9]\d{0,9})$/.test(segment)) return -1;
  const index = Number(segment);
  return index < value.length ? index : -1;
}

function isArray(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value);
}
