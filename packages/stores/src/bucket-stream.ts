import {
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from "@nats-io/jetstream";
import { reasonText, StoresError } from "./stores-error.ts";

/** The bucket to be made or checked. */
export interface WantedBucket {
  readonly bucket: string;
  /** Copies, where it is made. */
  readonly replicas: number;
}

const STREAM_NOT_FOUND = 10_059;

/**
 * Makes the stream of a bucket where it isn't there, and refuses one that could lose state.
 *
 * @throws StoresError `stream.unavailable`, `stream.unsafe`.
 */
export async function ensureBucket(manager: JetStreamManager, wanted: WantedBucket): Promise<StreamInfo> {
  const info = await readOrMake(manager, wanted);
  const faults = bucketFaults(info.config, `$KV.${wanted.bucket}.>`);
  if (faults.length === 0) return info;
  throw new StoresError("stream.unsafe", `bucket ${wanted.bucket} could lose state: ${faults.join("; ")}`);
}

/** What is wrong with a bucket's configuration, one phrase for each setting; none when state is safe in it. */
function bucketFaults(config: StreamConfig, subject: string): readonly string[] {
  const rules: readonly (readonly [isSafe: boolean, fault: string])[] = [
    [config.subjects?.includes(subject), `subjects must have \`${subject}\``],
    [config.retention === RetentionPolicy.Limits, "retention must be `limits`"],
    [config.storage === StorageType.File, "storage must be `file`"],
    [config.discard === DiscardPolicy.New, "discard must be `new`"],
    [config.max_age === 0, "max_age must be unlimited"],
    [config.max_msgs_per_subject === 1, "max_msgs_per_subject must be 1"],
    [config.allow_msg_ttl !== true, "allow_msg_ttl must be false"],
    [config.no_ack !== true, "no_ack must be false"],
    [!config.sealed, "sealed must be false"],
    [config.mirror === undefined && (config.sources ?? []).length === 0, "mirror and sources must be absent"],
    [config.subject_transform === undefined, "subject_transform must be absent"],
    [config.persist_mode !== "async", "persist_mode must not be `async`"],
  ];
  return rules.filter(([isSafe]) => !isSafe).map(([, fault]) => fault);
}

async function readOrMake(manager: JetStreamManager, { bucket, replicas }: WantedBucket): Promise<StreamInfo> {
  const stream = `KV_${bucket}`;
  try {
    return await manager.streams.info(stream);
  } catch (reason) {
    const isMissing = reason instanceof JetStreamApiError && reason.code === STREAM_NOT_FOUND;
    if (!isMissing) throw bucketUnavailable(stream, reason);
  }
  try {
    return await manager.streams.add({
      name: stream,
      subjects: [`$KV.${bucket}.>`],
      description: "State of CortexOS. Changed by comparing and swapping the last sequence only.",
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.New,
      max_msgs_per_subject: 1,
      num_replicas: replicas,
      deny_delete: true,
      allow_rollup_hdrs: true,
      allow_direct: true,
    });
  } catch (reason) {
    throw bucketUnavailable(stream, reason);
  }
}

/** A bucket can't be made or read. */
export function bucketUnavailable(stream: string, cause: unknown): StoresError {
  return new StoresError("stream.unavailable", `can't use bucket ${stream}: ${reasonText(cause)}`, { cause });
}
