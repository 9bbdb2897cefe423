import { EngineError } from "./errors.ts";
import { gunzip, gzip } from "./gzip.ts";
import { BLOCK_BYTES, decodeHeader, encodeHeader } from "./tar-header.ts";

/** Largest compressed archive, in bytes. */
export const ARCHIVE_BYTES_MAX: number = 32 * 1024 * 1024;

/** Largest archive after inflation, in bytes. */
export const ARCHIVE_INFLATED_BYTES_MAX: number = 128 * 1024 * 1024;

/** Most files in an archive. */
export const ARCHIVE_FILES_MAX = 4096;

/** Largest file in an archive, in bytes. */
export const ARCHIVE_FILE_BYTES_MAX: number = 64 * 1024 * 1024;

/** Files by path: relative, `/` between segments, printable ASCII, no `.` or `..` segment. Not changed by whoever holds it. */
export type BundleFiles = ReadonlyMap<string, Uint8Array>;

/**
 * Reads a `.tar.gz` of regular files. One slash before a path, as OPA writes it, is taken away.
 *
 * @param bytes - anything; views of its inflation are kept.
 * @returns files in the order of the archive.
 * @throws EngineError `bundle.archive` for anything but plain files with distinct, safe paths within the named limits.
 */
export function readArchive(bytes: Uint8Array): BundleFiles {
  if (bytes.length > ARCHIVE_BYTES_MAX) throw refused(`larger than ${ARCHIVE_BYTES_MAX} bytes`);
  const tar = gunzip(bytes, ARCHIVE_INFLATED_BYTES_MAX);
  const collect = createCollector();
  let at = 0;
  while (at + BLOCK_BYTES <= tar.length) {
    const block = tar.subarray(at, at + BLOCK_BYTES);
    if (isZero(block)) return finish(tar, at, collect.files);
    const { path, sizeBytes } = decodeHeader(block);
    if (sizeBytes > ARCHIVE_FILE_BYTES_MAX) throw refused(`${path}: larger than ${ARCHIVE_FILE_BYTES_MAX} bytes`);
    const start = at + BLOCK_BYTES;
    const end = start + sizeBytes;
    at = start + paddedBytes(sizeBytes);
    if (at > tar.length) throw refused(`${path}: the archive is truncated`);
    if (!isZero(tar.subarray(end, at))) throw refused(`${path}: the padding is not zero`);
    collect.add(path, tar.subarray(start, end));
  }
  throw refused("the archive has no end");
}

/**
 * Writes files as a `.tar.gz` that OPA reads: sorted by path, one slash before each, no times and no owners. The same files give
 * the same bytes with the same zlib.
 *
 * @throws EngineError `bundle.archive` for what {@link readArchive} would refuse.
 */
export function writeArchive(files: BundleFiles): Uint8Array {
  const collect = createCollector();
  const parts: Uint8Array[] = [];
  for (const [path, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (content.length > ARCHIVE_FILE_BYTES_MAX) throw refused(`${path}: larger than ${ARCHIVE_FILE_BYTES_MAX} bytes`);
    collect.add(path, content);
    parts.push(encodeHeader(path, content.length), content);
    parts.push(new Uint8Array(paddedBytes(content.length) - content.length));
  }
  parts.push(new Uint8Array(END_BLOCKS * BLOCK_BYTES));
  const tar = Buffer.concat(parts);
  if (tar.length > ARCHIVE_INFLATED_BYTES_MAX) throw refused(`larger than ${ARCHIVE_INFLATED_BYTES_MAX} bytes`);
  return gzip(tar);
}

const END_BLOCKS = 2;

/** What tar pads an archive to by default. */
const END_BYTES_MAX = 20 * BLOCK_BYTES;

function createCollector(): { readonly files: BundleFiles; add(path: string, content: Uint8Array): void } {
  const files = new Map<string, Uint8Array>();
  const kinds = new Map<string, "file" | "folder">();
  return {
    files,
    add(path, content) {
      if (files.size === ARCHIVE_FILES_MAX) throw refused(`more than ${ARCHIVE_FILES_MAX} files`);
      // Paths that differ only in case are one file on some file systems, so one of them would win unseen.
      const folded = path.toLowerCase();
      if (kinds.has(folded)) throw refused(`${path}: there twice, or differs only in case`);
      for (let slash = folded.indexOf("/"); slash !== -1; slash = folded.indexOf("/", slash + 1)) {
        const folder = folded.slice(0, slash);
        if (kinds.get(folder) === "file") throw refused(`${path}: lies under a file`);
        kinds.set(folder, "folder");
      }
      kinds.set(folded, "file");
      files.set(path, content);
    },
  };
}

/** Everything from the first zero block on must be zero, and at least two blocks of it. */
function finish(tar: Uint8Array, at: number, files: BundleFiles): BundleFiles {
  const rest = tar.subarray(at);
  if (rest.length < END_BLOCKS * BLOCK_BYTES || rest.length % BLOCK_BYTES !== 0)
    throw refused("the archive is truncated");
  if (rest.length > END_BYTES_MAX || !isZero(rest)) throw refused("bytes follow the end of the archive");
  return files;
}

function paddedBytes(sizeBytes: number): number {
  return Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function refused(message: string): EngineError {
  return new EngineError("bundle.archive", message);
}
