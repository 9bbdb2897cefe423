import { Buffer } from "node:buffer";
import type { Message } from "@cortexos/protocol";
import { createProxySession } from "./session.ts";
import type { ProxyHost, ProxySession, ProxySessionOptions, PublishRefusal, PublishVerdict } from "./session-types.ts";

export const INFO = 'INFO {"server_id":"S","host":"10.0.0.1","port":4222,"headers":true,"max_payload":1048576}\r\n';
export const CONNECT = 'CONNECT {"verbose":false,"headers":true,"no_responders":true,"protocol":1}\r\n';

/** A session whose host keeps what it was asked for. */
export interface Recording {
  readonly session: ProxySession;
  /** Writes upstream since the last look, bytes as latin1. */
  upstream(): string;
  /** Writes to the client since the last look. */
  client(): string;
  readonly upstreamWrites: Buffer[];
  readonly decided: Message[];
  readonly paused: boolean[];
  readonly refused: [message: Message, refusal: PublishRefusal][];
  readonly closed: (string | undefined)[];
  fromClient(latin1: string): void;
  fromServer(latin1: string): void;
}

export interface RecordingOptions extends Partial<ProxySessionOptions> {
  readonly host?: Partial<ProxyHost>;
  readonly decide?: (message: Message) => PublishVerdict | PromiseLike<PublishVerdict>;
}

export function record({ host, decide, ...options }: RecordingOptions = {}): Recording {
  let upstream = "";
  let client = "";
  const recording = {
    upstreamWrites: [] as Buffer[],
    decided: [] as Message[],
    paused: [] as boolean[],
    refused: [] as [Message, PublishRefusal][],
    closed: [] as (string | undefined)[],
  };
  const session = createProxySession(
    { leg: { host: "127.0.0.1", port: 4_333, injectsCredentials: false }, ...options },
    {
      decide: (message) => {
        recording.decided.push(message);
        return decide?.(message) ?? { kind: "release" };
      },
      standing: () => undefined,
      writeUpstream: (bytes) => {
        recording.upstreamWrites.push(Buffer.from(bytes));
        upstream += Buffer.from(bytes).toString("latin1");
      },
      writeClient: (bytes) => {
        client += Buffer.from(bytes).toString("latin1");
      },
      setClientPaused: (paused) => {
        recording.paused.push(paused);
      },
      close: (fault) => {
        recording.closed.push(fault?.code);
      },
      refused: (message, refusal) => {
        recording.refused.push([message, refusal]);
      },
      ...host,
    },
  );
  return {
    session,
    ...recording,
    upstream: () => {
      const seen = upstream;
      upstream = "";
      return seen;
    },
    client: () => {
      const seen = client;
      client = "";
      return seen;
    },
    fromClient: (latin1) => {
      session.clientData(Buffer.from(latin1, "latin1"));
    },
    fromServer: (latin1) => {
      session.upstreamData(Buffer.from(latin1, "latin1"));
    },
  };
}

/** A session after INFO, CONNECT, PING and the first PONG. */
export function connected(options: RecordingOptions = {}, connect: string = CONNECT): Recording {
  const recording = record(options);
  recording.fromServer(INFO);
  recording.fromClient(`${connect}PING\r\n`);
  recording.fromServer("PONG\r\n");
  // Otherwise every test after this would pass for a session that is closed.
  if (recording.closed.length > 0 || !recording.client().endsWith("PONG\r\n"))
    throw new Error("the session isn't connected");
  recording.upstream();
  recording.upstreamWrites.length = 0;
  return recording;
}

export const DENIED: PublishRefusal = {
  kind: "refuse",
  status: 403,
  reason: "no external mail",
  ruleId: "no_ext_email",
  decisionId: "d-1",
};

/** The body of the reply for {@link DENIED}. */
export const DENIED_BODY: string =
  '{"error":{"code":403,"err_code":44003,"description":"policy denied: no_ext_email (decision d-1)"},"stream":"","seq":0}';
const DENIED_HEADERS: string =
  "NATS/1.0\r\nNats-Service-Error-Code: 403\r\nNats-Service-Error: policy denied: no_ext_email\r\nCortexos-Decision-Id: d-1\r\nCortexos-Reason: no external mail\r\n\r\n";
/** The error line for {@link DENIED} on `a.b`. */
export const DENIED_ERR: string = `-ERR 'Permissions Violation for Publish to "a.b": policy denied rule=no_ext_email id=d-1'\r\n`;

/** The reply for {@link DENIED}. */
export function deniedReply(reply: string, sid: string): string {
  const [headers, body] = [DENIED_HEADERS, DENIED_BODY];
  return `HMSG ${reply} ${sid} ${headers.length} ${headers.length + body.length}\r\n${headers}${body}\r\n`;
}

export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: Error) => void;
}

/** A promise to be settled by hand. */
export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = ignore;
  let reject: (reason: Error) => void = ignore;
  const promise = new Promise<T>((done, fail) => {
    resolve = done;
    reject = fail;
  });
  return { promise, resolve, reject };
}

/** Lets everything that was settled be told. */
export async function told(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

function ignore(): void {}
