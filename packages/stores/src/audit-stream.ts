import {
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
} from "@nats-io/jetstream";
import { reasonText, StoresError } from "./stores-error.ts";

/** Shortest age at which a stream may drop records: six months (EU AI Act, articles 19 and 26). */
export const AUDIT_AGE_MS_MIN = 15_811_200_000;

const NS_PER_MS = 1_000_000;

/** The stream that records go to. */
export interface AuditStream {
  readonly stream: string;
  /** The records of a writer go to `<subject>.<writer>`. */
  readonly subject: string;
}

/**
 * Makes the audit stream where it isn't there, and refuses one that could lose or rewrite records.
 *
 * @returns the most bytes that one message may have in it.
 * @throws StoresError `stream.unavailable`, `stream.unsafe`.
 */
export async function ensureAuditStream(manager: JetStreamManager, wanted: AuditStream): Promise<number> {
  const config = await readOrMake(manager, wanted);
  const faults = auditStreamFaults(config, wanted.subject);
  if (faults.length > 0) {
    throw new StoresError("stream.unsafe", `stream ${wanted.stream} could lose records: ${faults.join("; ")}`);
  }
  return config.max_msg_size > 0 ? config.max_msg_size : Number.MAX_SAFE_INTEGER;
}

/** A stream's configuration, as a client or the server's monitoring tells it. */
export type StreamSettings = Readonly<Partial<Record<keyof StreamConfig, unknown>>>;

/** What is wrong with a stream's configuration, one phrase for each setting; none when records are safe in it. */
export function auditStreamFaults(config: StreamSettings, subject: string): readonly string[] {
  const rules: readonly (readonly [isSafe: boolean, fault: string])[] = [
    [
      Array.isArray(config.subjects) && config.subjects.includes(writersOf(subject)),
      `subjects must have \`${writersOf(subject)}\``,
    ],
    [config.retention === RetentionPolicy.Limits, "retention must be `limits`"],
    [config.storage === StorageType.File, "storage must be `file`"],
    [config.discard === DiscardPolicy.New, "discard must be `new`"],
    [config.deny_delete === true, "deny_delete must be true"],
    [config.deny_purge === true, "deny_purge must be true"],
    [config.allow_rollup_hdrs !== true, "allow_rollup_hdrs must be false"],
    [config.allow_msg_ttl !== true, "allow_msg_ttl must be false"],
    [config.allow_msg_schedules !== true, "allow_msg_schedules must be false"],
    [config.allow_msg_counter !== true, "allow_msg_counter must be false"],
    [config.no_ack !== true, "no_ack must be false"],
    [config.sealed !== true, "sealed must be false"],
    [
      !isPositive(config.max_msgs_per_subject) || config.discard_new_per_subject === true,
      "max_msgs_per_subject must be unlimited",
    ],
    [isLongEnough(config.max_age), `max_age must be unlimited or at least ${AUDIT_AGE_MS_MIN} ms`],
    [config.mirror === undefined, "mirror must be absent"],
    [config.subject_transform === undefined, "subject_transform must be absent"],
    [config.persist_mode !== "async", "persist_mode must not be `async`"],
  ];
  return rules.filter(([isSafe]) => !isSafe).map(([, fault]) => fault);
}

/** Every writer has a subject of its own below, whose last message is the end of its chain. */
function writersOf(subject: string): string {
  return `${subject}.>`;
}

function isLongEnough(ageNs: unknown): boolean {
  return ageNs === undefined || ageNs === 0 || (isPositive(ageNs) && ageNs >= AUDIT_AGE_MS_MIN * NS_PER_MS);
}

function isPositive(value: unknown): value is number {
  return typeof value === "number" && value > 0;
}

async function readOrMake(manager: JetStreamManager, { stream, subject }: AuditStream): Promise<StreamConfig> {
  try {
    return (await manager.streams.info(stream)).config;
  } catch (reason) {
    const isMissing = reason instanceof JetStreamApiError && reason.code === STREAM_NOT_FOUND;
    if (!isMissing) throw unavailable(stream, reason);
  }
  try {
    const made = await manager.streams.add({
      name: stream,
      subjects: [subject, writersOf(subject)],
      description: "Decision records of CortexOS. Nothing in it can be deleted or purged.",
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.New,
      deny_delete: true,
      deny_purge: true,
      allow_rollup_hdrs: false,
    });
    return made.config;
  } catch (reason) {
    throw unavailable(stream, reason);
  }
}

const STREAM_NOT_FOUND = 10_059;

function unavailable(stream: string, cause: unknown): StoresError {
  return new StoresError("stream.unavailable", `can't use stream ${stream}: ${reasonText(cause)}`, { cause });
}
