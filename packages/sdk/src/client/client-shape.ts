import { SdkError } from "../sdk-error.ts";

/** What both client lines pass to their own `publish`, as far as it is read here. */
export interface PublishArguments {
  readonly reply?: unknown;
  readonly headers?: unknown;
}

/** A subscription inside a client. */
export interface ClientSubscription {
  readonly sid: number;
  readonly subject: string;
  readonly queue?: unknown;
  /** Set for a request that has a subscription of its own. */
  readonly requestSubject?: unknown;
  callback(error: Error | null, message: unknown): void;
  close(error?: Error): void;
  cancelTimeout(): void;
  drain(): Promise<void>;
}

/** A request inside a client that shares the inbox subscription. */
export interface ClientRequest {
  readonly token: string;
  readonly requestSubject: string;
  timer: unknown;
  resolver(error: Error | null, message: unknown): void;
  cancel(error?: Error): void;
}

/** A delivery as a client's parser hands it over. */
export interface ClientDelivery {
  readonly subject: Uint8Array;
  readonly reply?: Uint8Array;
  readonly sid: number;
  /** Bytes of headers before the payload; -1 for none. */
  readonly hdr: number;
  readonly size: number;
}

/** The protocol handler inside a client: the one object through which both lines write. */
export interface ClientProtocol {
  publish(subject: unknown, payload?: unknown, options?: PublishArguments): void;
  sendCommand(command: string | Uint8Array, ...payloads: readonly Uint8Array[]): void;
  sendSubscriptions(): void;
  flush(pong?: unknown): Promise<void>;
  close(reason?: Error): Promise<void>;
  isClosed(): boolean;
  processMsg(delivery: ClientDelivery, data: Uint8Array): void;
  dispatchStatus(status: unknown): void;
  request(request: ClientRequest): ClientRequest;
  subscribe(subscription: ClientSubscription): ClientSubscription;
  readonly closed: Promise<unknown>;
  readonly connected: boolean;
  noMorePublishing: boolean;
  outBytes: number;
  outMsgs: number;
  readonly info?: { readonly max_payload?: number; readonly headers?: boolean } | undefined;
  readonly subscriptions: {
    readonly subs: Map<number, ClientSubscription>;
    getMux(): ClientSubscription | null;
  };
  readonly muxSubscriptions: { readonly baseInbox?: string; readonly reqs: Map<string, ClientRequest> };
}

/** A connection of either line, as far as it is used here. */
export interface ClientConnection {
  readonly protocol: ClientProtocol;
  publish(subject: string, payload?: unknown, options?: object): void;
  request(subject: string, payload?: unknown, options?: object): Promise<unknown>;
  requestMany(subject: string, payload?: unknown, options?: object): Promise<unknown>;
  _check(subject: string, forSubscription: boolean, forPublish: boolean): void;
}

const PROTOCOL_METHODS = [
  "publish",
  "sendCommand",
  "sendSubscriptions",
  "flush",
  "close",
  "isClosed",
  "processMsg",
  "dispatchStatus",
  "request",
  "subscribe",
] as const;

const CONNECTION_METHODS = ["publish", "request", "requestMany", "_check"] as const;

/**
 * Takes a connection for one of a client that is known.
 *
 * @throws SdkError `client.unknown` when a part that must be guarded isn't where it is known to be: a client that changed is never half guarded.
 */
export function assertClient<T extends object>(connection: T): asserts connection is T & ClientConnection {
  const missing = findMissing(connection);
  if (missing !== undefined) throw new SdkError("client.unknown", `no NATS connection that is known: ${missing}`);
}

function findMissing(connection: object): string | undefined {
  const method = findMissingMethod(connection, CONNECTION_METHODS);
  if (method !== undefined) return method;
  if (!("protocol" in connection) || !isObject(connection.protocol)) return "protocol";
  const { protocol } = connection;
  const inProtocol = findMissingMethod(protocol, PROTOCOL_METHODS) ?? findMissingState(protocol);
  return inProtocol === undefined ? undefined : `protocol.${inProtocol}`;
}

function findMissingMethod(owner: object, names: readonly string[]): string | undefined {
  return names.find((name) => typeof Reflect.get(owner, name) !== "function");
}

function findMissingState(protocol: object): string | undefined {
  const numbers = ["outBytes", "outMsgs"].find((name) => typeof Reflect.get(protocol, name) !== "number");
  if (numbers !== undefined) return numbers;
  if (typeof Reflect.get(protocol, "noMorePublishing") !== "boolean") return "noMorePublishing";
  if (!(Reflect.get(protocol, "closed") instanceof Promise)) return "closed";
  if (!hasMap(Reflect.get(protocol, "subscriptions"), "subs")) return "subscriptions.subs";
  return hasMap(Reflect.get(protocol, "muxSubscriptions"), "reqs") ? undefined : "muxSubscriptions.reqs";
}

function hasMap(owner: unknown, name: string): boolean {
  return isObject(owner) && Reflect.get(owner, name) instanceof Map;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
