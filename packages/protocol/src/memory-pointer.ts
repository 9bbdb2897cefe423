import { ProtocolError } from "./errors.ts";

/** Longest id or collection in a memory pointer, in characters. */
export const MEMORY_ID_CHARS_MAX = 128;

/** Where a payload lies outside the bus (spec §4.5). */
export type MemoryPointer =
  /** `redis://ctx/<id>`: what a job works on. */
  | { readonly kind: "context"; readonly id: string }
  /** `redis://res/<id>`: what a job gave. */
  | { readonly kind: "result"; readonly id: string }
  /** `vector://<collection>/<id>`: an embedding. */
  | { readonly kind: "vector"; readonly collection: string; readonly id: string };

/** Parses a memory pointer; `undefined` when it is anything else. One spelling for each place: no escapes, query or fragment. */
export function parseMemoryPointer(text: string): MemoryPointer | undefined {
  const match = POINTER.exec(text);
  if (match === null) return undefined;
  const [, scheme = "", place = "", id = ""] = match;
  if (!isPart(place) || !isPart(id)) return undefined;
  if (scheme === "vector") return { kind: "vector", collection: place, id };
  if (place === "ctx") return { kind: "context", id };
  return place === "res" ? { kind: "result", id } : undefined;
}

/**
 * Writes a memory pointer.
 *
 * @throws ProtocolError `memory_pointer.part` when an id or collection can't stand in one.
 */
export function formatMemoryPointer(pointer: MemoryPointer): string {
  switch (pointer.kind) {
    case "context":
      return `redis://ctx/${checkedPart(pointer.id)}`;
    case "result":
      return `redis://res/${checkedPart(pointer.id)}`;
    case "vector":
      return `vector://${checkedPart(pointer.collection)}/${checkedPart(pointer.id)}`;
  }
}

const POINTER = /^(redis|vector):\/\/([^/]+)\/([^/]+)$/;
const PART = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

function isPart(text: string): boolean {
  return text.length <= MEMORY_ID_CHARS_MAX && PART.test(text);
}

function checkedPart(text: string): string {
  if (isPart(text)) return text;
  throw new ProtocolError("memory_pointer.part", "not an id of letters, digits, `.`, `_` and `-`");
}
