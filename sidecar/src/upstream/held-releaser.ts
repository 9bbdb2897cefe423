import type { GateResult } from "@cortexos/kernel";
import type { Message } from "@cortexos/protocol";
import { headers, type MsgHdrs, type NatsConnection } from "@nats-io/transport-node";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../logger.ts";
import { reasonText } from "../sidecar-error.ts";
import type { OwnConnection } from "./own-connection.ts";
import { withDeadline } from "./with-deadline.ts";

type Release = Extract<GateResult, { kind: "release" }>;

/** For a server's word about what was sent, at the end. */
const CLOSE_MS_MAX = 2_000;

/** `unknown`: it was sent, and the connection went before the server had said so. */
export type ReleaseEnd = "released" | "failed" | "unknown";

/** Publishes approved messages apart from the connections that they came by. */
export interface HeldReleaser {
  /**
   * Publishes it on the sidecar's own connection, once: it carries an id (`Nats-Msg-Id`), so that a stream takes it once whatever the network does, and is
   * never sent again by us. While the upstream is away it waits; after its time, or beyond the number that may wait, it fails.
   */
  release(release: Release): void;
  /** What waits for the upstream fails now; resolves when what is under way has ended, or takes too long to be waited for. */
  close(): Promise<void>;
}

export interface HeldReleaserParts {
  readonly own: Pick<OwnConnection, "up">;
  readonly log: Logger;
  /** For an upstream that is away. */
  readonly waitMs: number;
  /** Messages that may wait for it at once. */
  readonly waitingCountMax: number;
  ended(end: ReleaseEnd): void;
}

export function createHeldReleaser(parts: HeldReleaserParts): HeldReleaser {
  const { own, log } = parts;
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();

  async function publish(message: Message): Promise<End> {
    if (underWay.size >= parts.waitingCountMax) return { end: "failed", reason: "too many wait for the upstream" };
    try {
      const connection = await withDeadline(closing.signal, parts.waitMs, async (signal) => own.up(signal));
      return await publishOnce(message, connection);
    } catch (reason) {
      return { end: "failed", reason: `the upstream was away: ${reasonText(reason)}` };
    }
  }

  async function carryOut({ decision, message, done }: Release): Promise<void> {
    const { end, reason } = await publish(message);
    done(end);
    parts.ended(end);
    const told = { decision: decision.decision_id, subject: message.subject, end };
    if (end === "released") log.info(told, "a held message was released");
    else log.error({ ...told, reason }, "a held message may not have been released");
  }

  return {
    release: (release) => {
      const carried = carryOut(release).finally(() => underWay.delete(carried));
      underWay.add(carried);
    },
    close: async () => {
      closing.abort(new Error("the sidecar stops"));
      await Promise.race([Promise.all(underWay), sleep(CLOSE_MS_MAX, undefined, { ref: false })]);
    },
  };
}

interface End {
  readonly end: ReleaseEnd;
  readonly reason?: string;
}

async function publishOnce(message: Message, connection: NatsConnection): Promise<End> {
  try {
    connection.publish(message.subject, message.payload, {
      headers: toHeaders(message),
      ...(message.reply !== "" && { reply: message.reply }),
    });
  } catch (reason) {
    return { end: "failed", reason: reasonText(reason) };
  }
  try {
    await connection.flush();
    return { end: "released" };
  } catch (reason) {
    return { end: "unknown", reason: reasonText(reason) };
  }
}

function toHeaders({ headers: fields }: Message): MsgHdrs {
  const result = headers();
  for (const [name, value] of fields) result.append(name, value);
  return result;
}
