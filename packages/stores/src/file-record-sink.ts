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

/**
 * Opens a file of JSON lines and appends to it. Each batch is one write and one `fdatasync`; a durable append resolves after it. A line that a
 * crash or a full disk tore stands alone: the next begins on a line of its own.
 *
 * @throws StoresError `sink.away` when the file can't be opened.
 */
export async function openFileRecordSink(
  options: { /** Made, readable by its owner alone, when it is not there. */ readonly path: string } & {
    readonly limits?: SinkLimits;
  },
): Promise<StoredRecordSink> {
  const { path, limits } = options;
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o600);
    await syncDirectory(dirname(path));
    return createFileRecordSink(appendFile(handle), { isTorn: await isTorn(handle), ...(limits && { limits }) });
  } catch (cause) {
    await handle?.close();
    throw new StoresError("sink.away", `can't append to ${path}: ${reasonText(cause)}`, { cause });
  }
}

/** A record sink on an open file. `isTorn`: its last line has no end. */
export function createFileRecordSink(
  file: AppendFile,
  options: { readonly isTorn?: boolean; readonly limits?: SinkLimits } = {},
): StoredRecordSink {
  let isTornNow = options.isTorn ?? false;
  let hasFailed = false;
  const target: BatchTarget = {
    bytesMax: () => Number.MAX_SAFE_INTEGER,
    unavailable: () => (hasFailed ? "sink.failed" : undefined),
    close: () => file.close(),
    async write(lines) {
      if (hasFailed) throw new StoresError("sink.failed", SYNC_FAILED);
      const bytes = isTornNow ? Buffer.concat([LINE_FEED, lines]) : lines;
      isTornNow = true;
      await file.write(bytes);
      isTornNow = false;
      try {
        await file.sync();
      } catch (cause) {
        // The system may have dropped the pages and forgotten the error: no later sync can be believed.
        hasFailed = true;
        throw new StoresError("sink.failed", SYNC_FAILED, { cause });
      }
    },
  };
  return createRecordQueue(target, options.limits);
}

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

/** A new file's name is durable only with its directory. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
