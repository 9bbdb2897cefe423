import { Buffer } from "node:buffer";
import { checkPublishSubject, matchesSubject, type HeaderField } from "@cortexos/protocol";
import { refusalReply, type PublishRefusal } from "@cortexos/wire";
import type { ClientProtocol, ClientSubscription } from "./client-shape.ts";

/**
 * Hands the error reply to the connection's own subscription, as the sidecar does: for what a client sends with a reply subject and waits for in another way
 * than by a request, such as a pull from a consumer.
 *
 * @returns false when nobody here listens on the reply subject.
 */
export function deliverRefusal(protocol: ClientProtocol, reply: string, refusal: PublishRefusal): boolean {
  const subscription = findListener(protocol, reply);
  if (subscription === undefined) return false;
  const { headers, payload } = refusalReply(refusal);
  const block = Buffer.from(`NATS/1.0\r\n${headers.map(headerLine).join("")}\r\n`, "latin1");
  const data = Buffer.concat([block, payload]);
  const delivery = { subject: Buffer.from(reply), sid: subscription.sid, hdr: block.length, size: data.length };
  // After the publish has returned, as an answer would come.
  queueMicrotask(() => {
    if (!protocol.isClosed()) protocol.processMsg(delivery, data);
  });
  return true;
}

function findListener({ subscriptions }: ClientProtocol, reply: string): ClientSubscription | undefined {
  if (reply === "" || checkPublishSubject(reply) !== undefined) return undefined;
  for (const subscription of subscriptions.subs.values()) {
    if (matchesSubject(subscription.subject, reply)) return subscription;
  }
  return undefined;
}

function headerLine([name, value]: HeaderField): string {
  return `${name}: ${value}\r\n`;
}
