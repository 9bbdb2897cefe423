import { createHash } from "node:crypto";

/** Frames that are gathered before they are hashed, in bytes: a call for each small one costs more than its copy. */
const GATHER_BYTES = 4096;

/** The digest of frames that come one after the other. */
export interface FrameHash {
  readonly update: (frames: Uint8Array) => void;
  /** `sha256:<hex>` of all of them; ends the hash. */
  readonly digest: () => string;
}

export function createFrameHash(): FrameHash {
  const hash = createHash("sha256");
  let gathered: Uint8Array | undefined;
  let length = 0;
  return {
    update(frames) {
      if (length + frames.length > GATHER_BYTES) {
        if (gathered !== undefined) hash.update(gathered.subarray(0, length));
        length = 0;
      }
      if (frames.length > GATHER_BYTES) {
        hash.update(frames);
        return;
      }
      gathered ??= new Uint8Array(GATHER_BYTES);
      gathered.set(frames, length);
      length += frames.length;
    },
    digest() {
      if (gathered !== undefined) hash.update(gathered.subarray(0, length));
      return `sha256:${hash.digest("hex")}`;
    },
  };
}
