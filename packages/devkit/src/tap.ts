import { connect, nuid, type ConnectionOptions, type Msg } from "@nats-io/transport-node";
import { createChange } from "./change.ts";

/** A message that arrived behind the bus. */
export interface TappedMessage {
  readonly subject: string;
  /** The empty string for none. */
  readonly reply: string;
  /** Name and value in order, as the client library read them. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly payload: Uint8Array;
  /** The payload as UTF-8. */
  readonly text: string;
}

/** A subscriber that keeps what arrives. */
export interface Tap {
  /** A copy of what came so far, oldest first. */
  messages(): readonly TappedMessage[];
  /** Resolves with all messages once there are so many, or once one satisfies the predicate. */
  waitFor(
    wanted: number | ((message: TappedMessage) => boolean),
    timeoutMs?: number,
  ): Promise<readonly TappedMessage[]>;
  /**
   * Resolves with everything that the server had accepted before this call, by a barrier message that comes after it on the same connection. When the
   * publisher has had its PONG (`flush`), what is not among them was never published: "nothing arrived" is proven, not slept for.
   */
  flushed(timeoutMs?: number): Promise<readonly TappedMessage[]>;
  /** Forgets what came so far. */
  clear(): void;
  close(): Promise<void>;
}

/** Subscribes to a subject and returns when the subscription stands. */
export async function tap(url: string, subject = ">", options: ConnectionOptions = {}): Promise<Tap> {
  const connection = await connect({ name: "tap", ...options, servers: url });
  const barrierPrefix = `_TAP.${nuid.next()}`;
  const change = createChange();
  const barriers = new Set<string>();
  let messages: TappedMessage[] = [];
  connection.subscribe(`${barrierPrefix}.>`, {
    callback: (_, message) => {
      barriers.add(message.subject);
      change.notify();
    },
  });
  connection.subscribe(subject, {
    callback: (_, message) => {
      if (message.subject.startsWith("_TAP.")) return;
      messages.push(tapped(message));
      change.notify();
    },
  });
  await connection.flush();
  void connection.closed().then(() => change.end("the tap was closed"));
  const quote = (): string => messages.map((message) => `${message.subject} ${message.text}`).join("; ");
  return {
    messages: () => messages.slice(),
    waitFor: (wanted, timeoutMs) => {
      const isEnough = typeof wanted === "number" ? () => messages.length >= wanted : satisfied(() => messages, wanted);
      const what = typeof wanted === "number" ? `${wanted} messages on ${subject}` : `wanted message on ${subject}`;
      return change.until(() => (isEnough() ? messages.slice() : undefined), { timeoutMs, what, quote });
    },
    flushed: (timeoutMs) => {
      const barrier = `${barrierPrefix}.${nuid.next()}`;
      connection.publish(barrier);
      const reached = (): readonly TappedMessage[] | undefined =>
        barriers.delete(barrier) ? messages.slice() : undefined;
      return change.until(reached, { timeoutMs, what: "barrier message", quote });
    },
    clear: () => {
      messages = [];
    },
    close: () => connection.close(),
  };
}

/** Looks at each message once. */
function satisfied(
  messages: () => readonly TappedMessage[],
  wanted: (message: TappedMessage) => boolean,
): () => boolean {
  let all = messages();
  let checkedCount = 0;
  return () => {
    // Cleared meanwhile: it is another array.
    if (all !== messages()) checkedCount = 0;
    all = messages();
    for (; checkedCount < all.length; checkedCount++) {
      const message = all[checkedCount];
      if (message !== undefined && wanted(message)) return true;
    }
    return false;
  };
}

function tapped(message: Msg): TappedMessage {
  const headers: [string, string][] = [];
  for (const [name, values] of message.headers ?? []) for (const value of values) headers.push([name, value]);
  return {
    subject: message.subject,
    reply: message.reply ?? "",
    headers,
    payload: new Uint8Array(message.data),
    text: new TextDecoder().decode(message.data),
  };
}
