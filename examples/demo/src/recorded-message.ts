import { readFileSync } from "node:fs";
import { encodePayload as encodeValue, type JsonObject, type Outcome } from "@cortexos/protocol";
import { DemoError } from "./demo-error.ts";

/** How a client sends a recorded message. */
export type SendKind = "publish" | "request" | "jetstream" | "kv" | "service";

/** One recorded message of an agent, as `data/messages.json` holds it. */
export interface RecordedMessage {
  readonly name: string;
  readonly send: SendKind;
  readonly subject: string;
  /** JSON payload, or … */
  readonly json?: JsonObject;
  /** … a Protobuf one by its JSON form. */
  readonly protobuf?: { readonly type: "cortexos.v1.JobRequest"; readonly value: JsonObject };
  /** Bucket and key, for `kv`. */
  readonly bucket?: string;
  readonly key?: string;
  /** Times it is sent in a burst; 1 when absent. */
  readonly repeat?: number;
  /** Whether the demonstration approves it when it is held. */
  readonly approve?: boolean;
  /** What the packs of this repository make of it; the run fails when they don't. */
  readonly expect: Outcome;
}

/** Reads the recording. */
export function readRecordedMessages(): readonly RecordedMessage[] {
  const messages: readonly RecordedMessage[] = JSON.parse(
    readFileSync(new URL("../data/messages.json", import.meta.url), "utf8"),
  );
  return messages;
}

/** The bytes that go onto the bus. */
export function encodePayload(message: RecordedMessage): Uint8Array {
  const { protobuf } = message;
  if (protobuf === undefined) return new TextEncoder().encode(JSON.stringify(message.json));
  const bytes = encodeValue(protobuf.value, "protobuf", protobuf.type);
  if (bytes === undefined)
    throw new DemoError(`examples/demo/data/messages.json: ${message.name} is no ${protobuf.type}`);
  return bytes;
}
