import type { Hold } from "@cortexos/kernel";
import { digestFrame } from "@cortexos/protocol";
import { reasonText, StoresError } from "./stores-error.ts";

/** A hold as text that every process of ours reads. */
export function encodeHold(hold: Hold): string {
  const payload = Buffer.from(hold.message.payload).toString("base64");
  return JSON.stringify({ schema: SCHEMA, hold: { ...hold, message: { ...hold.message, payload } } });
}

/**
 * Reads a stored hold, and checks that its message is the one whose hash is shown.
 *
 * @throws StoresError `store.damaged`.
 */
export function decodeHold(text: string): Hold {
  const stored = parse(text);
  if (!isStored(stored)) throw damaged("it has another shape");
  const { message, ...rest } = stored.hold;
  const hold = { ...rest, message: { ...message, payload: new Uint8Array(Buffer.from(message.payload, "base64")) } };
  if (digestFrame(hold.message) !== hold.frameSha256) throw damaged(`${hold.id} is not the message that was shown`);
  return hold;
}

const SCHEMA = "cortexos.hold/1";

type StoredHold = Omit<Hold, "message"> & {
  readonly message: Omit<Hold["message"], "payload"> & { readonly payload: string };
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(reasonText(cause), cause);
  }
}

/** What is read again depends on these; the rest is shown and recorded as it was written. */
function isStored(value: unknown): value is { readonly hold: StoredHold } {
  if (!isObject(value) || value["schema"] !== SCHEMA || !isObject(value["hold"])) return false;
  const { id, decision, message, input, frameSha256, requester, approvals, status } = value["hold"];
  return (
    [id, frameSha256, status].every((text) => typeof text === "string") &&
    isMessage(message) &&
    isObject(decision) &&
    isObject(decision["hold"]) &&
    isObject(input) &&
    isObject(requester) &&
    [requester["id"], requester["tenant"]].every((text) => typeof text === "string") &&
    Array.isArray(approvals) &&
    approvals.every((approval) => isObject(approval) && typeof approval["by"] === "string")
  );
}

function isMessage(value: unknown): boolean {
  if (!isObject(value) || !Array.isArray(value["headers"])) return false;
  const isHeader = (field: unknown): boolean =>
    Array.isArray(field) && field.length === 2 && field.every((part) => typeof part === "string");
  return (
    [value["subject"], value["reply"], value["payload"]].every((text) => typeof text === "string") &&
    value["headers"].every(isHeader)
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function damaged(why: string, cause?: unknown): StoresError {
  return new StoresError("store.damaged", `a stored hold can't be used: ${why}`, { cause });
}
