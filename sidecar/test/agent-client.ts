import { jetstream } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { connect, type Msg, type NatsConnection } from "@nats-io/transport-node";
import { connect as connectV2, NatsError, type Msg as MsgV2, type NatsConnection as ConnectionV2 } from "nats";

/** What an agent sees of one thing it sent. */
export interface Seen {
  /** \`ok\`, or the name of the error's class. */
  readonly end: string;
  /** Code of the error, where it has one. */
  readonly code?: string | number;
  readonly message?: string;
  /** Name of the error's cause. */
  readonly cause?: string;
  /** Answer to a request: body and the headers of a service's error. */
  readonly answer?: string;
  readonly errorCode?: string;
  readonly retryAfter?: string;
}

/** An official client, used in each way that agents publish. */
export interface AgentClient {
  publish(subject: string, payload: string): Promise<Seen>;
  request(subject: string, payload: string): Promise<Seen>;
  jetStreamPublish(subject: string, payload: string): Promise<Seen>;
  kvPut(bucket: string, key: string, value: string): Promise<Seen>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 5_000;

export async function openAgentV3(url: string): Promise<AgentClient> {
  const connection = await connect({ servers: url, reconnect: false });
  const errors = collectErrors(connection);
  return {
    publish: async (subject, payload) => {
      errors.length = 0;
      connection.publish(subject, payload);
      await connection.flush();
      const [error] = errors;
      return error === undefined ? { end: "ok" } : seenError(error);
    },
    request: async (subject, payload) =>
      see(async () => answerOf(await connection.request(subject, payload, { timeout: TIMEOUT_MS }))),
    jetStreamPublish: async (subject, payload) =>
      see(async () => {
        await jetstream(connection).publish(subject, payload, { timeout: TIMEOUT_MS });
        return { end: "ok" };
      }),
    kvPut: async (bucket, key, value) =>
      see(async () => {
        const kv = await new Kvm(connection).open(bucket);
        await kv.put(key, value);
        return { end: "ok" };
      }),
    close: async () => connection.close(),
  };
}

export async function openAgentV2(url: string): Promise<AgentClient> {
  const connection = await connectV2({ servers: url, reconnect: false });
  const errors = collectErrorsV2(connection);
  return {
    publish: async (subject, payload) => {
      errors.length = 0;
      connection.publish(subject, Buffer.from(payload));
      await connection.flush();
      return errors[0] ?? { end: "ok" };
    },
    request: async (subject, payload) =>
      see(async () => answerOf(await connection.request(subject, Buffer.from(payload), { timeout: TIMEOUT_MS }))),
    jetStreamPublish: async (subject, payload) =>
      see(async () => {
        await connection.jetstream().publish(subject, Buffer.from(payload), { timeout: TIMEOUT_MS });
        return { end: "ok" };
      }),
    kvPut: async (bucket, key, value) =>
      see(async () => {
        const kv = await connection.jetstream().views.kv(bucket, { bindOnly: true });
        await kv.put(key, Buffer.from(value));
        return { end: "ok" };
      }),
    close: async () => connection.close(),
  };
}

async function see(action: () => Promise<Seen>): Promise<Seen> {
  try {
    return await action();
  } catch (error) {
    return seenError(error);
  }
}

function seenError(error: unknown): Seen {
  if (!(error instanceof Error)) return { end: typeof error };
  const code = "code" in error ? error.code : undefined;
  const { cause } = error;
  return {
    end: error.name,
    message: error.message,
    ...((typeof code === "string" || typeof code === "number") && { code }),
    ...(cause instanceof Error && { cause: cause.name }),
  };
}

function answerOf(message: Msg | MsgV2): Seen {
  const errorCode = message.headers?.get("Nats-Service-Error-Code") ?? "";
  const retryAfter = message.headers?.get("Retry-After") ?? "";
  return {
    end: "ok",
    answer: message.string(),
    ...(errorCode !== "" && { errorCode }),
    ...(retryAfter !== "" && { retryAfter }),
  };
}

function collectErrors(connection: NatsConnection): Error[] {
  const errors: Error[] = [];
  void (async () => {
    for await (const status of connection.status()) if (status.type === "error") errors.push(status.error);
  })();
  return errors;
}

/** The old client tells its status the code and the subject, not the error itself. */
function collectErrorsV2(connection: ConnectionV2): Seen[] {
  const errors: Seen[] = [];
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type === "error")
        errors.push({ end: NatsError.name, code: typeof status.data === "string" ? status.data : "" });
    }
  })();
  return errors;
}
