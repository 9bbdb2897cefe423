import { canonicalJson, parsePointer, type JsonValue, type LeafPath, type PayloadFormat } from "@cortexos/protocol";
import { toolCall } from "./input.ts";
import { isJsonObject, ownMember } from "./json-object.ts";
import { isUnder } from "./reads.ts";

/** Names the group of payloads that a policy can't tell apart: equal keys, equal values wherever it reads. */
export type PayloadKey = (payload: JsonValue, format: PayloadFormat) => string;

/**
 * Makes keys of what a policy reads of payloads.
 *
 * @param reads - pointers into the input; those that don't come from the payload are left to the caller.
 */
export function createPayloadKey(reads: readonly string[]): PayloadKey {
  const payloadPaths = pathsBelow(reads, "/message/payload");
  const actionPaths = pathsBelow(reads, "/action");
  const readsFormat = reads.includes("/message/format");
  return (payload, format) => {
    let key = readsFormat ? `${format};` : "";
    for (const path of payloadPaths) key += leafText(payload, path);
    const action = actionPaths.length === 0 ? undefined : toolCall(payload);
    if (action !== undefined) for (const path of actionPaths) key += leafText(action, path);
    return key;
  };
}

/**
 * The same as paths into a JSON payload. Whether there is an `action` at all depends on the kinds of `tool` and `args`.
 *
 * @param reads - as for {@link createPayloadKey}.
 */
export function leafPathsOf(reads: readonly string[]): readonly LeafPath[] {
  const payloadPaths = pathsBelow(reads, "/message/payload").map((path) => ({ path }));
  const actionPaths = pathsBelow(reads, "/action").flatMap((path) =>
    path.length === 0 ? [{ path: ["tool"] }, { path: ["args"] }] : [{ path }],
  );
  return actionPaths.length === 0 ? payloadPaths : [...payloadPaths, ...ACTION_KINDS, ...actionPaths];
}

const ACTION_KINDS: readonly LeafPath[] = [
  { path: ["tool"], kindOnly: true },
  { path: ["args"], kindOnly: true },
];

function pathsBelow(reads: readonly string[], root: string): readonly (readonly string[])[] {
  return reads.filter((read) => isUnder(read, root)).map((read) => parsePointer(read.slice(root.length)) ?? []);
}

/**
 * What a path leads to. How far it went is part of the text, for a text at `/a` is something else to a policy than the same one at `/a/b`; and where
 * it meets an array, everything in the array counts.
 */
function leafText(value: JsonValue, path: readonly string[]): string {
  let current = value;
  let depth = 0;
  for (; depth < path.length && isJsonObject(current); depth++) {
    const member = ownMember(current, path[depth] ?? "");
    if (member === undefined) return `${depth}u`;
    current = member;
  }
  return depth + valueText(current);
}

/** Text that no other value has, and that says itself where it ends. */
function valueText(value: JsonValue): string {
  if (typeof value === "string") return `s${value.length}:${value}`;
  if (typeof value === "number") return Object.is(value, -0) ? "n-0;" : `n${value};`;
  if (typeof value === "boolean") return value ? "t" : "f";
  if (value === null) return "z";
  const text = canonicalJson(value);
  return `c${text.length}:${text}`;
}
