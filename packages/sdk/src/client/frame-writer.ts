import type { Message } from "@cortexos/protocol";
import { isWireError, serialisePublish, type WireErrorCode } from "@cortexos/wire";
import type { ClientProtocol } from "./client-shape.ts";
import { createRunBuffer, type RunBuffer } from "./run-buffer.ts";

/** Writes released messages: our own serialisation of what was decided, never what the client would have written. */
export interface FrameWriter {
  /** @returns why it can't be written; `undefined` when it was handed to the client's buffer. */
  write(message: Message): WireErrorCode | undefined;
  /** Whether the client takes a payload of this size now, in bytes. */
  fits(payloadBytes: number): boolean;
  /** Messages under standing decisions; handed over before whatever else is written. */
  readonly run: RunBuffer;
  /** Counts a message in the client's statistics. */
  count(bodyBytes: number): void;
}

/** @param sendCommand - the client's own, before it was guarded. */
export function createFrameWriter(protocol: ClientProtocol, sendCommand: (frame: Uint8Array) => void): FrameWriter {
  const bytesMax = (): number => protocol.info?.max_payload ?? Number.POSITIVE_INFINITY;
  const count = (bodyBytes: number): void => {
    protocol.outBytes += bodyBytes;
    protocol.outMsgs++;
  };
  const run = createRunBuffer(sendCommand);
  return {
    run,
    count,
    fits: (payloadBytes) => payloadBytes <= bytesMax(),
    write: (message) => {
      if (message.headers.length > 0 && protocol.info?.headers === false) return "wire.no_headers";
      const frame = serialise(message);
      if (typeof frame === "string") return frame;
      const bodyBytes = frame.length - frame.indexOf(LF) - 3;
      if (bodyBytes > bytesMax()) return "wire.payload_too_large";
      count(bodyBytes);
      run.flush();
      sendCommand(frame);
      return undefined;
    },
  };
}

const LF = 0x0a;

function serialise(message: Message): Uint8Array | WireErrorCode {
  try {
    return serialisePublish(message);
  } catch (reason) {
    return isWireError(reason) ? reason.code : "wire.unserialisable";
  }
}
