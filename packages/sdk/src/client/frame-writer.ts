import type { Message } from "@cortexos/protocol";
import { isWireError, serialisePublish, type WireErrorCode } from "@cortexos/wire";
import type { ClientProtocol } from "./client-shape.ts";

/** Writes released messages: our own serialisation of what was decided, never what the client would have written. */
export interface FrameWriter {
  /** @returns why it can't be written; `undefined` when it was handed to the client's buffer. */
  write(message: Message): WireErrorCode | undefined;
  /** Whether the client takes a message of this size now. */
  fits(message: Message): boolean;
  /** Writes a frame that was made by this package. */
  writeFrame(frame: Uint8Array, payloadBytes: number): void;
}

/** @param sendCommand - the client's own, before it was guarded. */
export function createFrameWriter(protocol: ClientProtocol, sendCommand: (frame: Uint8Array) => void): FrameWriter {
  const bytesMax = (): number => protocol.info?.max_payload ?? Number.POSITIVE_INFINITY;
  const writeFrame = (frame: Uint8Array, payloadBytes: number): void => {
    protocol.outBytes += payloadBytes;
    protocol.outMsgs++;
    sendCommand(frame);
  };
  return {
    writeFrame,
    fits: ({ payload }) => payload.length <= bytesMax(),
    write: (message) => {
      if (message.headers.length > 0 && protocol.info?.headers === false) return "wire.no_headers";
      const frame = serialise(message);
      if (typeof frame === "string") return frame;
      const bodyBytes = frame.length - frame.indexOf(LF) - 3;
      if (bodyBytes > bytesMax()) return "wire.payload_too_large";
      writeFrame(frame, bodyBytes);
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
