import { Buffer } from "node:buffer";
import type { HeaderField } from "@cortexos/protocol";

/** Operations a client may send; anything else is a fault. */
export const CLIENT_OPERATIONS = ["CONNECT", "PUB", "HPUB", "SUB", "UNSUB", "PING", "PONG"] as const;

export type ClientOperation = (typeof CLIENT_OPERATIONS)[number];

/**
 * One frame of a client as offsets into `bytes`. The parser fills the same object for every frame: it is valid until the next one is asked for. `bytes` isn't
 * reused.
 */
export interface ClientFrame {
  operation: ClientOperation;
  bytes: Buffer;
  start: number;
  /** After the frame's last byte. */
  end: number;
  /** The frame is byte for byte what the serialiser would write for it. PUB and HPUB only; false for others. */
  isCanonical: boolean;
  /** A canonical PUB without a reply. */
  isPlain: boolean;
  subjectStart: number;
  subjectEnd: number;
  /** Hash of the subject's bytes; see `hashSubject`. */
  subjectHash: number;
  replyStart: number;
  /** Equal to `replyStart` when there is no reply. */
  replyEnd: number;
  payloadStart: number;
  payloadEnd: number;
  headers: readonly HeaderField[];
  /** Arguments of SUB (subject, queue?, sid) and UNSUB (sid, max?); the JSON of CONNECT. Bytes as latin1. */
  args: readonly string[];
}

export function createClientFrame(): ClientFrame {
  return {
    operation: "PING",
    bytes: Buffer.alloc(0),
    start: 0,
    end: 0,
    isCanonical: false,
    isPlain: false,
    subjectStart: 0,
    subjectEnd: 0,
    subjectHash: 0,
    replyStart: 0,
    replyEnd: 0,
    payloadStart: 0,
    payloadEnd: 0,
    headers: [],
    args: [],
  };
}

export const HASH_START: number = 0x811c9dc5 | 0;
const HASH_PRIME = 0x01000193;

/** One step of FNV-1a. Not secret: what hangs on the hash is bounded whatever subjects a client picks. */
export function hashByte(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, HASH_PRIME);
}

export function hashSubject(bytes: Uint8Array, start: number, end: number): number {
  let hash = HASH_START;
  for (let i = start; i < end; i++) hash = hashByte(hash, bytes[i] ?? 0);
  return hash;
}
