import { Buffer } from "node:buffer";

const START_BYTES = 512;

/**
 * Collects a frame that came in several pieces. Never takes more than about twice of what arrived, whatever size the peer declared,
 * and keeps no view of the pieces.
 */
export interface ByteGather {
  readonly length: number;
  append(bytes: Uint8Array): void;
  /** The collected bytes; they stay as they are after the gather is dropped. */
  view(): Buffer;
}

export function createByteGather(): ByteGather {
  let bytes: Buffer = Buffer.allocUnsafe(0);
  let length = 0;
  return {
    get length() {
      return length;
    },
    append: (piece) => {
      const needed = length + piece.length;
      if (needed > bytes.length) {
        const grown = Buffer.allocUnsafe(Math.max(needed, bytes.length * 2, START_BYTES));
        bytes.copy(grown, 0, 0, length);
        bytes = grown;
      }
      bytes.set(piece, length);
      length = needed;
    },
    view: () => bytes.subarray(0, length),
  };
}
