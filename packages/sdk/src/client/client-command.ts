import type { ClientProtocol, ClientSubscription } from "./client-shape.ts";

/**
 * Whether a command is one that a client sends by itself beside publishes: SUB or UNSUB with fields free of blanks and line ends. Clients write the
 * names that they are given as they are, so that a queue name could hold a whole publish.
 */
export function isClientCommand(command: unknown, payloads: readonly unknown[]): boolean {
  return typeof command === "string" && payloads.length === 0 && COMMAND.test(command);
}

// Without `$`'s tolerance of a last line end: the test is over all of it.
const COMMAND = /^(?:SUB [^\s\0]+(?: [^\s\0]+)? \d+|UNSUB \d+(?: \d+)?)\r\n(?![^])/;

/** Forgets subscriptions whose names can't be sent: after a reconnect the client writes them all again. */
export function dropUnsendable({ subscriptions }: ClientProtocol): void {
  for (const [sid, subscription] of subscriptions.subs) {
    if (isSendable(subscription)) continue;
    subscriptions.subs.delete(sid);
    subscription.close();
  }
}

function isSendable({ subject, queue, sid }: ClientSubscription): boolean {
  if (queue !== undefined && queue !== null && typeof queue !== "string") return false;
  const group = queue === undefined || queue === null || queue === "" ? "" : ` ${queue}`;
  return isClientCommand(`SUB ${subject}${group} ${sid}\r\n`, []);
}
