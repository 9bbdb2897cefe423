import { createBatchSealer, readSeal, SEAL_BYTES_MAX, sealLine, type BatchSeal, type ChainHead } from "@cortexos/audit";
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { createRecordQueue, type BatchTarget, type SinkLimits } from "./record-queue.ts";
import type { StoredRecordSink } from "./stored-record-sink.ts";
import { reasonText, StoresError } from "./stores-error.ts";

/** A file as a sink needs it. */
export interface AppendFile {
  /** Writes all of it at the end. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when what was written is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** How records are written to a file. */
export interface FileSinkOptions {
  /** Name of the writer, in the seals of its batches; `file` unless given. */
  readonly writer?: string;
  readonly limits?: SinkLimits;
  /** Told of each batch that was stored, such as a keeper of checkpoints. Must not throw. */
  readonly sealed?: (seal: BatchSeal) => void;
}

/**
 * Opens a file of JSON lines and appends to it. Each batch with its seal is one write and one `fdatasync`; a durable append resolves after it. A line that a
 * crash or a full disk tore stands alone: the next begins on a line of its own.
 *
 * @throws StoresError `sink.away` when the file can't be opened.
 */
export async function openFileRecordSink(
  options: { /** Made, readable by its owner alone, when it is not there. */ readonly path: string } & FileSinkOptions,
): Promise<StoredRecordSink> {
  const { path, writer = FILE_WRITER } = options;
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o600);
    await syncDirectory(dirname(path));
    const after = await findHead(handle, writer);
    const begun = { isTorn: await isTorn(handle), ...(after && { after }) };
    return createFileRecordSink(appendFile(handle), { ...options, ...begun });
  } catch (cause) {
    await handle?.close();
    throw new StoresError("sink.away", `can't append to ${path}: ${reasonText(cause)}`, { cause });
  }
}

/** A record sink on an open file. `isTorn`: its last line has no end. `after`: its writer's last batch. */
export function createFileRecordSink(
  file: AppendFile,
  options: FileSinkOptions & { readonly isTorn?: boolean; readonly after?: ChainHead } = {},
): StoredRecordSink {
  const { limits, sealed, writer = FILE_WRITER } = options;
  let sealer = createBatchSealer(writer, options.after);
  let isTornNow = options.isTorn ?? false;
  let hasFailed = false;
  const target: BatchTarget = {
    bytesMax: () => Number.MAX_SAFE_INTEGER,
    unavailable: () => (hasFailed ? "sink.failed" : undefined),
    close: () => file.close(),
    async write(lines, count) {
      if (hasFailed) throw new StoresError("sink.failed", SYNC_FAILED);
      const seal = sealer.seal(lines, count);
      const bytes = Buffer.concat([...(isTornNow ? [LINE_FEED] : []), lines, Buffer.from(sealLine(seal))]);
      try {
        await file.write(bytes);
      } catch (cause) {
        isTornNow = true;
        // Some of it may be there, its seal too: nothing else may have that number.
        sealer = sealer.renew();
        throw cause;
      }
      isTornNow = false;
      try {
        await file.sync();
      } catch (cause) {
        // The system may have dropped the pages and forgotten the error: no later sync can be believed.
        hasFailed = true;
        throw new StoresError("sink.failed", SYNC_FAILED, { cause });
      }
      sealer.accept(seal);
      sealed?.(seal);
    },
  };
  return createRecordQueue(target, limits);
}

const FILE_WRITER = "file";
const LINE_FEED = Buffer.from("\n");
const SYNC_FAILED = "the record file could not be synced";

function appendFile(handle: FileHandle): AppendFile {
  return {
    write: (bytes) => handle.appendFile(bytes),
    sync: () => handle.datasync(),
    close: () => handle.close(),
  };
}

async function isTorn(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return false;
  const { buffer } = await handle.read({ buffer: Buffer.alloc(1), position: size - 1 });
  return buffer[0] !== LINE_FEED[0];
}

/** Bytes that are looked through at once, from the end. */
const WINDOW_BYTES = 1_048_576;

/** The last seal of a writer in a file; searched from the end. */
async function findHead(handle: FileHandle, writer: string): Promise<ChainHead | undefined> {
  const { size } = await handle.stat();
  for (let end = size; end > 0; end = Math.max(0, end - WINDOW_BYTES)) {
    const start = Math.max(0, end - WINDOW_BYTES);
    // A seal that begins in this window may end in the next.
    const buffer = Buffer.alloc(Math.min(size, end + SEAL_BYTES_MAX) - start);
    await handle.read({ buffer, position: start });
    const lines = buffer.toString("latin1").split("\n");
    const seal = lines
      .reverse()
      .map(readSeal)
      .find((found) => found?.writer === writer);
    if (seal !== undefined) return seal;
  }
  return undefined;
}

/** A new file's name is durable only with its directory. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
