import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";
import { EngineError, messageOf } from "./errors.ts";

const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
const FLAGS_AT = 3;
const TRAILER_BYTES = 8;
const LEVEL = 9;

/** Compresses without a name or a time, so that the header is always the same. */
export function gzip(bytes: Uint8Array): Uint8Array {
  const trailer = Buffer.alloc(TRAILER_BYTES);
  trailer.writeUInt32LE(crc32(bytes), 0);
  trailer.writeUInt32LE(bytes.length % 2 ** 32, 4);
  return Buffer.concat([HEADER, deflateRawSync(bytes, { level: LEVEL }), trailer]);
}

/**
 * Decompresses exactly one gzip member (RFC 1952) that has no optional header fields and nothing after it. node:zlib would skip
 * what follows a member, so that two readers could see two archives.
 *
 * @throws EngineError `bundle.archive`, when it inflates to more than `bytesMax` too.
 */
export function gunzip(bytes: Uint8Array, bytesMax: number): Uint8Array {
  if (bytes.length < HEADER.length + TRAILER_BYTES) throw refused("the archive is truncated");
  if (bytes[0] !== HEADER[0] || bytes[1] !== HEADER[1] || bytes[2] !== HEADER[2]) throw refused("not gzip");
  if (bytes[FLAGS_AT] !== 0) throw refused("the gzip header has optional fields");
  const body = bytes.subarray(HEADER.length, bytes.length - TRAILER_BYTES);
  const inflated = inflate(body, bytesMax);
  const trailer = Buffer.from(bytes.buffer, bytes.byteOffset + bytes.length - TRAILER_BYTES, TRAILER_BYTES);
  if (trailer.readUInt32LE(0) !== crc32(inflated)) throw refused("the gzip checksum differs");
  if (trailer.readUInt32LE(4) !== inflated.length) throw refused("the gzip length differs");
  return inflated;
}

function inflate(body: Uint8Array, bytesMax: number): Uint8Array {
  let result: ReturnType<typeof inflateRawSync>;
  try {
    // `info` adds the engine, which @types/node leaves out of the return type.
    result = inflateRawSync(body, { maxOutputLength: bytesMax, info: true });
  } catch (reason) {
    throw refused(`can't be inflated to at most ${bytesMax} bytes: ${messageOf(reason)}`, reason);
  }
  const { buffer, consumedBytes } = inflation(result);
  if (consumedBytes !== body.length) throw refused("bytes follow the compressed data");
  return buffer;
}

function inflation(result: object): { readonly buffer: Uint8Array; readonly consumedBytes: number } {
  if ("buffer" in result && result.buffer instanceof Uint8Array && "engine" in result) {
    const { engine } = result;
    if (typeof engine === "object" && engine !== null && "bytesWritten" in engine) {
      if (typeof engine.bytesWritten === "number") return { buffer: result.buffer, consumedBytes: engine.bytesWritten };
    }
  }
  throw new TypeError("node:zlib gave no information about its input");
}

function refused(message: string, cause?: unknown): EngineError {
  return new EngineError("bundle.archive", message, cause === undefined ? undefined : { cause });
}
