import { EngineError } from "./errors.ts";

/** Size of a tar header, and what contents are padded to. */
export const BLOCK_BYTES = 512;

/** Longest path in an archive, in bytes: what a ustar header can hold in two parts. */
const ARCHIVE_PATH_BYTES_MAX = 254;

/** Deepest path in an archive, in segments. */
const ARCHIVE_PATH_SEGMENTS_MAX = 16;

const NAME = [0, 100] as const;
const MODE = [100, 108] as const;
const UID = [108, 116] as const;
const GID = [116, 124] as const;
const SIZE = [124, 136] as const;
const MTIME = [136, 148] as const;
const CHECKSUM = [148, 156] as const;
const TYPE_AT = 156;
const LINK_NAME = [157, 257] as const;
const MAGIC = [257, 265] as const;
const PREFIX = [345, 500] as const;

const REGULAR_FILE = 0x30;
const OLD_REGULAR_FILE = 0;
const USTAR = "ustar\u000000";
const BLANK = 0x20;

/**
 * Decodes one ustar header (POSIX.1-1988) of a regular file.
 *
 * @throws EngineError `bundle.archive` for every other kind of entry, and for what two readers could read in two ways.
 */
export function decodeHeader(block: Uint8Array): { readonly path: string; readonly sizeBytes: number } {
  if (octal(block, CHECKSUM) !== checksumOf(block)) throw refused("a header's checksum differs");
  if (rawText(block, MAGIC) !== USTAR) throw refused("a header is not ustar");
  const prefix = fieldText(block, PREFIX);
  const name = fieldText(block, NAME);
  const written = prefix === "" ? name : `${prefix}/${name}`;
  const type = block[TYPE_AT];
  if (type !== REGULAR_FILE && type !== OLD_REGULAR_FILE) throw refused(`not a regular file: ${quoted(written)}`);
  if (fieldText(block, LINK_NAME) !== "") throw refused(`has a link name: ${quoted(written)}`);
  const path = written.startsWith("/") ? written.slice(1) : written;
  checkPath(path);
  return { path, sizeBytes: octal(block, SIZE) };
}

/** Encodes the header of a regular file without owner or time. */
export function encodeHeader(path: string, sizeBytes: number): Uint8Array {
  checkPath(path);
  const block = Buffer.alloc(BLOCK_BYTES);
  const { prefix, name } = splitPath(`/${path}`);
  block.write(name, NAME[0], "latin1");
  block.write(prefix, PREFIX[0], "latin1");
  block.write("0000600\0", MODE[0], "latin1");
  block.write("0000000\0", UID[0], "latin1");
  block.write("0000000\0", GID[0], "latin1");
  block.write(`${sizeBytes.toString(8).padStart(11, "0")}\0`, SIZE[0], "latin1");
  block.write("00000000000\0", MTIME[0], "latin1");
  block.write(USTAR, MAGIC[0], "latin1");
  block[TYPE_AT] = REGULAR_FILE;
  block.write(`${checksumOf(block).toString(8).padStart(6, "0")}\0 `, CHECKSUM[0], "latin1");
  return block;
}

/** @throws EngineError `bundle.archive` unless the path is relative, bounded, printable ASCII and can't leave its folder. */
function checkPath(path: string): void {
  if (path.length > ARCHIVE_PATH_BYTES_MAX) throw refused(`path longer than ${ARCHIVE_PATH_BYTES_MAX} bytes`);
  if (!/^[!-~]+$/.test(path) || path.includes("\\")) throw refused(`path is not plain ASCII: ${quoted(path)}`);
  const segments = path.split("/");
  if (segments.length > ARCHIVE_PATH_SEGMENTS_MAX) throw refused(`path too deep: ${quoted(path)}`);
  if (segments.some((segment) => segment === "" || segment === "." || segment === ".."))
    throw refused(`path is absolute, ends in a slash or climbs: ${quoted(path)}`);
}

function splitPath(path: string): { readonly prefix: string; readonly name: string } {
  if (path.length <= NAME[1]) return { prefix: "", name: path };
  // The last slash that leaves at most a prefix's room before it.
  const slash = path.lastIndexOf("/", PREFIX[1] - PREFIX[0]);
  const name = path.slice(slash + 1);
  if (slash <= 0 || name.length > NAME[1]) throw refused(`path can't be split for ustar: ${quoted(path)}`);
  return { prefix: path.slice(0, slash), name };
}

/** The sum of a header's bytes with its checksum field blank. */
function checksumOf(block: Uint8Array): number {
  let sum = 0;
  for (const [i, byte] of block.entries()) sum += i >= CHECKSUM[0] && i < CHECKSUM[1] ? BLANK : byte;
  return sum;
}

function octal(block: Uint8Array, field: readonly [number, number]): number {
  const text = rawText(block, field);
  const digits = /^([0-7]+)[\0 ]*$/.exec(text)?.[1];
  if (digits === undefined) throw refused("a header's number is not octal");
  return Number.parseInt(digits, 8);
}

function fieldText(block: Uint8Array, field: readonly [number, number]): string {
  const text = rawText(block, field);
  const end = text.indexOf("\0");
  if (end === -1) return text;
  // Whatever stands behind the NUL is invisible to one reader and part of the name for another.
  if (/[^\0]/.test(text.slice(end))) throw refused("a header's text goes on behind its end");
  return text.slice(0, end);
}

function rawText(block: Uint8Array, [start, end]: readonly [number, number]): string {
  return Buffer.from(block.buffer, block.byteOffset + start, end - start).toString("latin1");
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, ARCHIVE_PATH_BYTES_MAX));
}

function refused(message: string): EngineError {
  return new EngineError("bundle.archive", message);
}
