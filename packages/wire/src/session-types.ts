import type { Message } from "@cortexos/protocol";

/** What the host answers for one publish. */
export type PublishVerdict =
  /** Forward it: as it was parsed, or as `message` says when a policy changed it. */
  | {
      readonly kind: "release";
      readonly message?: Message;
      /** Told after the frame was written upstream. */
      readonly sent?: () => void;
      /** Told instead of `sent` when it won't be written: the connection ended first, or `message` can't be sent. */
      readonly dropped?: () => void;
    }
  /** Don't forward it; tell the sender as design §7 and the status say. */
  | PublishRefusal
  /** Take it out of the queue and say nothing now; later messages overtake it. */
  | { readonly kind: "park"; readonly followUp?: PromiseLike<PublishRefusal | undefined> };

export interface PublishRefusal {
  readonly kind: "refuse";
  /** 403 denied, 428 waits for a human, 429 throttled. */
  readonly status: 403 | 428 | 429;
  /** For people; sanitised and cut by the codec before it reaches the wire. */
  readonly reason: string;
  readonly ruleId: string;
  readonly decisionId: string;
  readonly retryAfterMs?: number;
}

/** A protocol violation of the client: named, recorded, and the end of this connection alone. */
export interface WireFault {
  /** Stable code, for example `wire.control_line`; `wire.upstream` when it was the server's. */
  readonly code: string;
  readonly reason: string;
}

/** A release that holds for a run of plain messages on one subject. */
export interface StandingVerdict {
  isCurrent(): boolean;
  /** Told before `frames` (canonical, `count` messages) are written upstream. */
  account(count: number, frames: Uint8Array): void;
}

/** A standing verdict for each group of payloads. */
export interface StandingChoice {
  isCurrent(): boolean;
  /**
   * The verdict for a message with this payload, current now; `undefined`: decide it.
   *
   * @param payload - a view of the client's chunk, not to be kept.
   */
  choose(payload: Uint8Array): StandingVerdict | undefined;
}

/** Effects of a proxied connection; the composition root carries them out in order. */
export interface ProxyHost {
  /**
   * Decide one publish. The message's payload is a view of the client's chunk, or of a copy once this returned a promise or parks.
   * Subject and reply may be what can't be published to (a byte outside ASCII is one character of latin1): such a message is never released, whatever is answered.
   */
  decide(message: Message): PublishVerdict | PromiseLike<PublishVerdict>;
  /**
   * Whether plain messages (no reply, no headers) on this subject are released without looking at each, or by a look at the payload alone. Asked once a
   * subject and kept in a bounded table until `isCurrent()` turns false, so that runs of them are forwarded as one slice. After `undefined` it is asked
   * again now and then.
   */
  standing(subject: string): StandingVerdict | StandingChoice | undefined;
  writeUpstream(bytes: Uint8Array): void;
  writeClient(bytes: Uint8Array): void;
  /** Stop or go on reading from the client: the queue of undecided messages has reached a bound, or is empty again. */
  setClientPaused(paused: boolean): void;
  /** Close both sides. `fault` is set when a peer broke the protocol. What was written before is flushed first. */
  close(fault?: WireFault): void;
  /**
   * The client's CONNECT, once the server's INFO is there; nothing of the client went upstream yet. Says who connects, with which credentials, or that
   * nobody does. Without it every client connects with its own credentials.
   */
  connect?(connect: ClientConnect, info: ServerInfo): ConnectVerdict;
  /** Told of each refusal that the session made against the host's verdict, or without one. */
  refused?(message: Message, refusal: PublishRefusal): void;
  /** Told of each PING, SUB and UNSUB of the client, when it is carried out. */
  operated?(): void;
  /** Told of every INFO before the client is: limits, lame duck mode, other servers. */
  serverInfo?(info: ServerInfo): void;
}

export type ConnectVerdict =
  /** Connect upstream: with the client's own credentials and `proxySignature`, or with `credentials` in their place. */
  | {
      readonly kind: "accept";
      readonly credentials?: ConnectCredentials;
      /** nkey signature of the nonce for nats-server's `proxies.trusted` (ADR-55): base64url without padding. */
      readonly proxySignature?: string;
    }
  | { readonly kind: "refuse"; readonly reason: string };

/** Credentials as CONNECT carries them. */
export interface ConnectCredentials {
  readonly user?: string;
  readonly pass?: string;
  readonly auth_token?: string;
  readonly jwt?: string;
  readonly nkey?: string;
  readonly sig?: string;
  /** Only ever ours; a client's own is dropped. */
  readonly proxy_sig?: string;
}

/** A client's CONNECT, read strictly. */
export interface ClientConnect {
  readonly verbose: boolean;
  readonly echo: boolean;
  readonly headers: boolean;
  readonly noResponders: boolean;
  readonly protocol: number;
  readonly name?: string;
  readonly lang?: string;
  readonly version?: string;
  /** Claims until somebody checked them. */
  readonly credentials: ConnectCredentials;
}

/** The server's INFO. */
export interface ServerInfo {
  /** The server's `max_payload`, in bytes. */
  readonly payloadBytesMax?: number;
  /** What this connection's signatures are over. */
  readonly nonce?: string;
  readonly authRequired: boolean;
  readonly tlsRequired: boolean;
  readonly headers: boolean;
  readonly lameDuck: boolean;
  /** Other servers of the cluster, `host:port`. The client never sees them. */
  readonly connectUrls: readonly string[];
  /** All fields as they came. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The way between client and sidecar, as the client is told of it. */
export interface ClientLeg {
  readonly host: string;
  readonly port: number;
  /** Credentials come from the sidecar: the client needs none. */
  readonly injectsCredentials: boolean;
  /** Absent: plain text. */
  readonly tls?: { readonly required: boolean; readonly available: boolean; readonly verify: boolean };
}

export interface ProxySessionOptions {
  readonly leg: ClientLeg;
  /** Defaults are the named limits of this package. */
  readonly controlLineBytesMax?: number;
  /** The smaller of this and every `max_payload` of the server counts. */
  readonly payloadBytesMax?: number;
  readonly queueCountMax?: number;
  readonly queueBytesMax?: number;
  readonly subscriptionCountMax?: number;
  readonly subscriptionBytesMax?: number;
}

/**
 * One client's connection and its own connection upstream. Pure: bytes and events in, calls of the host out, in the same turn or when a verdict
 * settles. Chunks belong to the session once they are handed over; nobody may change them afterwards.
 */
export interface ProxySession {
  clientData(chunk: Uint8Array): void;
  upstreamData(chunk: Uint8Array): void;
  /**
   * Number of the client's frame that has begun and isn't complete, another for each; 0 when there is none. The session has no clock: who has one
   * bounds how long a frame may take.
   */
  incompleteFrame(): number;
  /** Bytes kept for the client: that frame, what waits for a verdict or for its place, subscriptions. Memory may be about twice as much. */
  keptBytes(): number;
  /** That frame takes too long: a violation of the client, in its turn. */
  frameLate(): void;
  /** The client sends no more. What it sent is still decided and written, then the host is asked to close. */
  clientEnd(): void;
  /** The server is gone: what waits is dropped, the host is asked to close. */
  upstreamEnd(): void;
  /**
   * Answers a message that was parked: the error reply on its inbox, when the client still listens there.
   *
   * @returns false when nobody listens, or the session has ended.
   */
  refuseLater(reply: string, refusal: PublishRefusal): boolean;
  /**
   * Publishes a parked message on this connection, between the client's own frames. Under `verbose` its +OK is kept from the client.
   *
   * @returns false when the session has ended or isn't connected yet; nothing was written then.
   * @throws WireError `wire.unserialisable`, `wire.payload_too_large`, `wire.no_headers`
   */
  publishLater(message: Message): boolean;
}
