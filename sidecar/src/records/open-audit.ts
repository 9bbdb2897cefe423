import {
  createCheckpointSigner,
  createRedactor,
  type BatchSeal,
  type CheckpointSigner,
  type Redact,
} from "@cortexos/audit";
import {
  createCheckpointKeeper,
  openCheckpointFile,
  openCheckpointStream,
  type CheckpointKeeper,
  type CheckpointPlace,
} from "@cortexos/stores";
import { readSecret } from "../config/read-secret.ts";
import type { AuditConfig, CheckpointsConfig } from "../config/sidecar-config.ts";
import type { Logger } from "../logger.ts";
import { reasonText, SidecarError } from "../sidecar-error.ts";
import type { OwnConnection } from "../upstream/own-connection.ts";

/** What is done with records on their way to the sink, and after it. */
export interface Audit {
  readonly redact: Redact;
  /** Told of each batch that was stored. */
  readonly sealed: (seal: BatchSeal) => void;
  /** Writes the last checkpoint. */
  close(): Promise<void>;
}

export interface AuditParts {
  readonly own: Pick<OwnConnection, "first">;
  readonly writer: string;
  readonly log: Logger;
}

/**
 * Opens redaction and checkpoints as configured. A key or file that can't be used is refused at once; a stream that isn't there is tried again with every
 * checkpoint.
 *
 * @throws SidecarError `records.unavailable`, `secret.unreadable`.
 */
export async function openAudit({ checkpoints, redaction }: AuditConfig, parts: AuditParts): Promise<Audit> {
  const redact = redaction === undefined ? undefined : openRedactor(redaction);
  const keeper = checkpoints === undefined ? undefined : await openKeeper(checkpoints, parts);
  return {
    redact: redact ?? ((record) => record),
    sealed: keeper?.sealed ?? (() => undefined),
    close: async () => keeper?.close(),
  };
}

function openRedactor({ keyFile, rules }: NonNullable<AuditConfig["redaction"]>): Redact {
  return unusable(() => createRedactor(rules, Buffer.from(readSecret(keyFile))));
}

async function openKeeper(config: CheckpointsConfig, { log, own, writer }: AuditParts): Promise<CheckpointKeeper> {
  const { keyFile, keyName = writer, place: where } = config;
  const signer: CheckpointSigner = unusable(() => createCheckpointSigner(readSecret(keyFile), keyName));
  const place = where.kind === "file" ? await openFile(where.path) : lazyStream(where.stream, { own, writer });
  return createCheckpointKeeper({
    signer,
    place,
    nowNs: () => BigInt(Date.now()) * NS_PER_MS,
    onFault: (cause) => {
      log.error({ reason: reasonText(cause) }, "a checkpoint can't be written");
    },
  });
}

const NS_PER_MS = 1_000_000n;

async function openFile(path: string): Promise<CheckpointPlace> {
  try {
    return await openCheckpointFile(path);
  } catch (cause) {
    throw new SidecarError("records.unavailable", reasonText(cause), { cause });
  }
}

/** Opened with the first checkpoint that can be written. */
function lazyStream(stream: string, { own, writer }: Omit<AuditParts, "log">): CheckpointPlace {
  let opened: CheckpointPlace | undefined;
  return {
    write: async (note) => {
      opened ??= await openCheckpointStream({ connection: await own.first, stream, writer });
      await opened.write(note);
    },
    close: async () => opened?.close(),
  };
}

function unusable<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new SidecarError("records.unavailable", reasonText(cause), { cause });
  }
}
