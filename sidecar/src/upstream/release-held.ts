import type { GateResult } from "@cortexos/kernel";
import type { Message } from "@cortexos/protocol";
import { headers, type MsgHdrs, type NatsConnection } from "@nats-io/transport-node";
import type { Logger } from "../logger.ts";
import { reasonText } from "../sidecar-error.ts";

type Release = Extract<GateResult, { kind: "release" }>;

/**
 * Publishes an approved message on the sidecar's own connection, once: it carries an id (`Nats-Msg-Id`), so that a stream takes it once
 * whatever the network does, and is never sent again by us.
 */
export async function releaseHeld(
  { decision, message, done }: Release,
  connection: NatsConnection | undefined,
  log: Logger,
): Promise<ReleaseEnd> {
  const { end, reason } = await publishOnce(message, connection);
  done(end);
  const fields = {
    decision: decision.decision_id,
    subject: message.subject,
    end,
    ...(reason !== undefined && { reason }),
  };
  if (end === "released") log.info(fields, "a held message was released");
  else log.error(fields, "a held message may not have been released");
  return end;
}

type ReleaseEnd = "released" | "failed" | "unknown";

async function publishOnce(
  message: Message,
  connection: NatsConnection | undefined,
): Promise<{ readonly end: ReleaseEnd; readonly reason?: string }> {
  if (connection === undefined) return { end: "failed", reason: "there was no connection upstream yet" };
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
