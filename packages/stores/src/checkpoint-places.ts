import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { writerToken } from "@cortexos/audit";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { ensureAuditStream } from "./audit-stream.ts";
import type { CheckpointPlace } from "./checkpoint-keeper.ts";
import { ACK_MS_MAX } from "./record-queue.ts";
import { reasonText, StoresError } from "./stores-error.ts";

/** Stream of the checkpoints unless told otherwise. */
export const CHECKPOINT_STREAM = "CORTEXOS_CHECKPOINTS";

/** Subject of the checkpoints unless told otherwise; those of a writer go to `<subject>.<writer>`. */
export const CHECKPOINT_SUBJECT = "sys.audit.checkpoint";

/**
 * Opens a file of signed notes, one after the other, each synced. Best on another disk or machine than the records.
 *
 * @throws StoresError `sink.away`.
 */
export async function openCheckpointFile(path: string): Promise<CheckpointPlace> {
  try {
    const file = await open(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o600);
    return {
      write: async (note) => {
        await file.appendFile(note);
        await file.datasync();
      },
      close: () => file.close(),
    };
  } catch (cause) {
    throw new StoresError("sink.away", `can't append to ${path}: ${reasonText(cause)}`, { cause });
  }
}

/** Where checkpoints go in JetStream. */
export interface CheckpointStreamOptions {
  /** Stays open. Best to another cluster or account than that of the records. */
  readonly connection: NatsConnection;
  readonly writer: string;
  /** {@link CHECKPOINT_STREAM} unless given. */
  readonly stream?: string;
  /** {@link CHECKPOINT_SUBJECT} unless given. */
  readonly subject?: string;
}

/**
 * Opens a stream of signed notes, made or checked as one of records is.
 *
 * @throws StoresError `stream.unavailable`, `stream.unsafe`.
 */
export async function openCheckpointStream(options: CheckpointStreamOptions): Promise<CheckpointPlace> {
  const { connection, stream = CHECKPOINT_STREAM, subject = CHECKPOINT_SUBJECT, writer } = options;
  const manager = await jetstreamManager(connection).catch((cause: unknown) => {
    throw new StoresError("stream.unavailable", `can't use stream ${stream}: ${reasonText(cause)}`, { cause });
  });
  await ensureAuditStream(manager, { stream, subject });
  const client = jetstream(connection, { timeout: ACK_MS_MAX });
  return {
    write: async (note) => {
      await client.publish(`${subject}.${writerToken(writer)}`, note, { expect: { streamName: stream } });
    },
    close: () => Promise.resolve(),
  };
}
