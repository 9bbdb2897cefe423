import { Buffer } from "node:buffer";

/** Longest write that is gathered with others, in bytes. */
const SMALL_BYTES_MAX = 512;

const START_BYTES = 256;

/** Most bytes that are gathered before they are handed over. */
const GATHERED_BYTES_MAX = 16_384;

/** Writes of a few bytes, gathered into one: a socket keeps an object for each write, which is larger than a PONG. */
export interface SmallWrites {
  /** @returns false when the bytes are too many to be gathered. */
  take(bytes: Uint8Array): boolean;
  /** Hands over what is gathered. */
  flush(): void;
}

/** @param send - takes the bytes for good. */
export function createSmallWrites(send: (bytes: Uint8Array) => void): SmallWrites {
  /** The first, as it came: most often it is the only one. */
  let first: Uint8Array | undefined;
  let gathered: Buffer | undefined;
  let gatheredBytes = 0;
  return {
    take: (bytes) => {
      if (bytes.length > SMALL_BYTES_MAX) return false;
      if (gatheredBytes + bytes.length > GATHERED_BYTES_MAX) flush();
      if (gatheredBytes === 0) first = bytes;
      else gather(bytes);
      gatheredBytes += bytes.length;
      return true;
    },
    flush,
  };

  function gather(bytes: Uint8Array): void {
    const needed = gatheredBytes + bytes.length;
    if (gathered === undefined || needed > gathered.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, START_BYTES, (gathered?.length ?? 0) * 4));
      grown.set(gathered?.subarray(0, gatheredBytes) ?? first ?? []);
      gathered = grown;
    }
    gathered.set(bytes, gatheredBytes);
  }

  function flush(): void {
    const bytes = gathered?.subarray(0, gatheredBytes) ?? first;
    first = undefined;
    gathered = undefined;
    gatheredBytes = 0;
    if (bytes !== undefined) send(bytes);
  }
}
