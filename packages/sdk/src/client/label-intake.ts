import { Buffer } from "node:buffer";
import { FLOW_LABELS_HEADER, readLabels } from "../flow-labels.ts";
import type { SessionState, Sessions } from "../session.ts";
import type { ClientDelivery, ClientProtocol, ClientRequest, ClientSubscription } from "./client-shape.ts";

/** Joins the labels of what arrives to the session that asked for it. */
export interface LabelIntake {
  /** Notes whose subscription or request it is. */
  asked(by: ClientSubscription | ClientRequest): void;
  received(delivery: ClientDelivery, data: Uint8Array): void;
}

export function createLabelIntake(protocol: ClientProtocol, sessions: Sessions): LabelIntake {
  const askers = new WeakMap<object, SessionState>();
  const root = sessions.current();
  const askerOf = (delivery: ClientDelivery): SessionState => {
    const subscription = protocol.subscriptions.subs.get(delivery.sid);
    if (subscription === undefined) return root;
    if (subscription !== protocol.subscriptions.getMux()) return askers.get(subscription) ?? root;
    const { baseInbox = "", reqs } = protocol.muxSubscriptions;
    const token = Buffer.from(delivery.subject).toString("latin1").slice(baseInbox.length);
    const request = reqs.get(token);
    return (request === undefined ? undefined : askers.get(request)) ?? root;
  };
  return {
    asked: (by) => {
      askers.set(by, sessions.current());
    },
    received: (delivery, data) => {
      if (delivery.hdr <= 0) return;
      const labels = labelsIn(Buffer.from(data.buffer, data.byteOffset, Math.min(delivery.hdr, data.length)));
      if (labels.length > 0) askerOf(delivery).addLabels(labels);
    },
  };
}

/** Case doesn't matter: who strips a header's case must not strip its meaning. */
function labelsIn(block: Buffer): readonly string[] {
  const lines = block.toString("latin1").split("\r\n");
  return lines.flatMap((line) => {
    const colon = line.indexOf(":");
    const isLabels = line.slice(0, Math.max(0, colon)).trim().toLowerCase() === FLOW_LABELS_HEADER;
    return isLabels ? readLabels(line.slice(colon + 1)) : [];
  });
}
