import { connect, Events, type NatsConnection } from "nats";
import { REQUEST_TIMEOUT_MS, type AgentClient } from "./agent-client.ts";
import { describeError, describeReply } from "./describe.ts";
import type { RecordedMessage } from "./recorded-message.ts";

/** `nats` 2.x as an agent uses it. */
export async function connectV2(port: number): Promise<AgentClient> {
  const connection = await connect({ servers: `127.0.0.1:${port}`, name: "demo-agent-v2" });
  const statusErrors: string[] = [];
  void followStatus(connection, statusErrors);
  return {
    name: "nats 2.x",
    async send(message, payload) {
      try {
        return await sendV2(connection, message, payload);
      } catch (error) {
        return describeError(error);
      }
    },
    takeStatusErrors: () => statusErrors.splice(0),
    close: () => connection.close(),
  };
}

async function sendV2(connection: NatsConnection, message: RecordedMessage, payload: Uint8Array): Promise<string> {
  switch (message.send) {
    case "publish":
      connection.publish(message.subject, payload);
      await connection.flush();
      return "";
    case "request":
    case "service":
      return describeReply(await connection.request(message.subject, payload, { timeout: REQUEST_TIMEOUT_MS }));
    case "jetstream": {
      const ack = await connection.jetstream().publish(message.subject, payload);
      return `acknowledged: ${ack.stream} ${ack.seq}`;
    }
    case "kv": {
      const bucket = await connection.jetstream().views.kv(message.bucket ?? "", { bindOnly: true });
      return `revision ${await bucket.put(message.key ?? "", payload)}`;
    }
  }
}

async function followStatus(connection: NatsConnection, errors: string[]): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === Events.Error) errors.push(`NatsError: ${JSON.stringify(status.data)}`);
  }
}
