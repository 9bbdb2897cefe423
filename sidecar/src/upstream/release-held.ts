import type { GateResult } from "@cortexos/kernel";
import type { Message } from "@cortexos/protocol";
import { headers, type MsgHdrs, type NatsConnection } from "@nats-io/transport-node";
import type { Logger } from "../logger.ts";
import { reasonText } from "../sidecar-error.ts";

const MESSAGE_ID = "Nats-Msg-Id";

type Release = Extract<GateResult, { kind: "release" }>;

/**
 * Publishes an approved message on the sidecar's own connection, once. It carries the decision id as `Nats-Msg-Id` unless it has one, so
 * that a stream takes it once, whatever the network does.
 */
export async function releaseHeld(
  release: Release,
  connection: NatsConnection | undefined,
  log: Logger,
): Promise<"released" | "failed" | "unknown"> {
  const { decision, message } = release;
  const result = await publishOnce(message, decision.decision_id, connection);
  release.done(result.outcome);
  log.info({ decision: decision.decision_id, subject: message.subject, ...result }, "a held message was released");
  return result.outcome;
}

async function publishOnce(
  message: Message,
  decisionId: string,
  connection: NatsConnection | undefined,
): Promise<{ readonly outcome: "released" | "failed" | "unknown"; readonly reason?: string }> {
  if (connection === undefined) return { outcome: "failed", reason: "no connection upstream" };
  try {
    connection.publish(message.subject, message.payload, {
      headers: toHeaders(message, decisionId),
      ...(message.reply !== "" && { reply: message.reply }),
    });
  } catch (reason) {
    return { outcome: "failed", reason: reasonText(reason) };
  }
  try {
    await connection.flush();
    return { outcome: "released" };
  } catch (reason) {
    return { outcome: "unknown", reason: reasonText(reason) };
  }
}

function toHeaders(message: Message, decisionId: string): MsgHdrs {
  const result = headers();
  for (const [name, value] of message.headers) result.append(name, value);
  const hasId = message.headers.some(([name]) => name.toLowerCase() === MESSAGE_ID.toLowerCase());
  if (!hasId) result.set(MESSAGE_ID, decisionId);
  return result;
}
