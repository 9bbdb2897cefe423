import { createHash } from "node:crypto";
import { canonicalJson, digestBytes } from "@cortexos/protocol";

/** Longest line of a seal, its line feed included: room that a batch leaves for it. */
export const SEAL_BYTES_MAX = 1_024;

/** Longest name of a writer that has seals. */
export const WRITER_CHARS_MAX = 256;

/**
 * The last line of every batch of records: what holds a writer's batches together. Each is chained to the one before, over the writer's restarts; within one
 * epoch they are numbered from 0 and are the leaves of a Merkle tree (RFC 6962).
 */
export interface BatchSeal {
  readonly schema: "cortexos.seal/1";
  readonly writer: string;
  /** Grows by one with every opening of the writer's chain, 1 being the first. */
  readonly epoch: number;
  /** Number of the batch within the epoch, from 0. */
  readonly seq: number;
  /** Lines of the batch: those right before this one. */
  readonly count: number;
  /** Hash of the writer's batch before this one; empty for its very first. */
  readonly prev: string;
  /** `sha256:<hex>` of a zero byte, then the canonical JSON of `{count, epoch, lines, prev, seq, writer}`, where `lines` is the digest of the batch's bytes. */
  readonly hash: string;
}

/** Where a writer's chain has got to. */
export type ChainHead = Pick<BatchSeal, "epoch" | "hash" | "seq">;

/** Makes the seals of one epoch of one writer. */
export interface BatchSealer {
  /** Seals a batch as the next, without going on to the one after: a batch that couldn't be stored leaves the chain as it was. */
  seal(lines: Uint8Array, count: number): BatchSeal;
  /** The batch was stored. */
  accept(seal: BatchSeal): void;
  /** The latest batch that was stored, of an earlier epoch if none was in this one; `undefined` before the writer's first. */
  head(): ChainHead | undefined;
  /** A sealer for the next epoch: what was sealed and may have been stored all the same is not continued. */
  renew(): BatchSealer;
}

/** @param after - the writer's latest batch, where it has written before. */
export function createBatchSealer(writer: string, after?: ChainHead): BatchSealer {
  return sealerOf(writer, (after?.epoch ?? 0) + 1, after);
}

function sealerOf(writer: string, epoch: number, after: ChainHead | undefined): BatchSealer {
  let head = after;
  return {
    seal: (lines, count) => {
      const seq = head?.epoch === epoch ? head.seq + 1 : 0;
      const body = { writer, epoch, seq, count, prev: head?.hash ?? "" };
      return { schema: "cortexos.seal/1", ...body, hash: sealHash(body, lines) };
    },
    accept: (seal) => {
      head = seal;
    },
    head: () => head,
    renew: () => sealerOf(writer, epoch + 1, head),
  };
}

/** @param lines - the bytes of the batch, the line feed of each line included. */
export function sealHash(
  { count, epoch, prev, seq, writer }: Omit<BatchSeal, "hash" | "schema">,
  lines: Uint8Array,
): string {
  const body = canonicalJson({ count, epoch, lines: digestBytes(lines), prev, seq, writer });
  return `sha256:${createHash("sha256").update("\0").update(body).digest("hex")}`;
}

/** The seal as its line. */
export function sealLine(seal: BatchSeal): string {
  return `${JSON.stringify(seal)}\n`;
}

/** A writer's name as one token of a subject or of a checkpoint's origin. */
export function writerToken(writer: string): string {
  return encodeURIComponent(writer.toWellFormed()).replaceAll(
    /[.!~*'()]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  );
}

/** Reads a line as a seal; `undefined` when it is none. */
export function readSeal(line: string): BatchSeal | undefined {
  if (!line.startsWith(SEAL_START)) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isSeal(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const SEAL_START = '{"schema":"cortexos.seal/1",';
const DIGEST = /^sha256:[0-9a-f]{64}$/;

function isSeal(value: unknown): value is BatchSeal {
  if (typeof value !== "object" || value === null) return false;
  const seal: Partial<Record<keyof BatchSeal, unknown>> = value;
  const { count, epoch, hash, prev, seq, writer } = seal;
  const isPrev = prev === "" || (typeof prev === "string" && DIGEST.test(prev));
  const isName = typeof writer === "string" && writer.length <= WRITER_CHARS_MAX;
  return (
    isCount(count) &&
    isCount(epoch) &&
    isCount(seq) &&
    isPrev &&
    isName &&
    typeof hash === "string" &&
    DIGEST.test(hash)
  );
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
