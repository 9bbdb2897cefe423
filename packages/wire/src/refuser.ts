import { checkPublishSubject, type Message } from "@cortexos/protocol";
import type { Downstream } from "./downstream.ts";
import { refusalErrorText, refusalReply } from "./refusal-text.ts";
import { serialiseDelivery, serialiseUnsubscribe } from "./serialise.ts";
import type { PublishRefusal } from "./session-types.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** Tells the client of refusals (design §7). */
export interface Refuser {
  /** At the message's turn: the `-ERR`, and the error reply where the client listens on the reply subject. */
  refuse(message: Message, refusal: PublishRefusal): void;
  /**
   * Out of turn: the error reply alone. An `-ERR` would be taken for another message's by now.
   *
   * @returns false when the client doesn't listen on `reply`.
   */
  refuseLater(reply: string, refusal: PublishRefusal): boolean;
}

export interface RefuserParts {
  readonly downstream: Downstream;
  readonly subscriptions: Subscriptions;
  /** The client takes HMSG. */
  acceptsHeaders(): boolean;
}

/**
 * A reply goes to the client's own subscription and nowhere else. When it has none there, nothing is published in its place: a refused message
 * would then still put bytes on a subject of the sender's choosing.
 */
export function createRefuser(parts: RefuserParts): Refuser {
  const { downstream, subscriptions } = parts;
  return {
    refuse: (message, refusal) => {
      const delivery = deliver(message.reply, refusal);
      // A held request is no error: its reply says so. Without one, the error is all that can be said.
      const isReplyEnough = refusal.status === 428 && delivery !== undefined;
      const errorText = isReplyEnough ? undefined : refusalErrorText(message.subject, refusal);
      downstream.answer({ errorText, delivery });
    },
    refuseLater: (reply, refusal) => {
      const delivery = deliver(reply, refusal);
      if (delivery !== undefined) downstream.inject(delivery);
      return delivery !== undefined;
    },
  };

  function deliver(reply: string, refusal: PublishRefusal): Uint8Array | undefined {
    if (reply === "" || checkPublishSubject(reply) !== undefined) return undefined;
    const subscription = subscriptions.find(reply);
    if (subscription === undefined) return undefined;
    const { headers, payload } = refusalReply(refusal);
    const max = subscriptions.countInjection(subscription);
    // The client counts our message; the server doesn't know of it.
    if (max !== undefined) downstream.writeOwn(serialiseUnsubscribe(subscription.sid, max));
    return serialiseDelivery({
      subject: reply,
      sid: subscription.sid,
      headers: parts.acceptsHeaders() ? headers : [],
      payload,
    });
  }
}
