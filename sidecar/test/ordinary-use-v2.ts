import { AckPolicy, connect, createInbox, headers, type Msg, type NatsConnection } from "nats";
import { hex, outcomeOf, samplePayloads, type Scenario } from "./ordinary-use.ts";

/** Ordinary use with `nats` 2.x, which many agents still have. */
export const ordinaryUseV2: readonly Scenario[] = [
  { name: "publish and subscribe", run: withConnection(publishAndSubscribe) },
  { name: "requests", run: withConnection(requests) },
  { name: "services", run: withConnection(services) },
  { name: "JetStream", run: withConnection(jetStream) },
  { name: "KV", run: withConnection(keyValue) },
  { name: "object store", run: withConnection(objectStore) },
  { name: "drain", run: withConnection(drain) },
];

function withConnection(use: (connection: NatsConnection) => Promise<unknown>): Scenario["run"] {
  return async (url, tls) => {
    const connection = await connect({ servers: url, reconnect: false, ...(tls && { tls }) });
    try {
      return await use(connection);
    } finally {
      await connection.close();
    }
  };
}

function describeMessage(message: Msg): unknown {
  return {
    subject: message.subject,
    data: hex(message.data),
    headers: message.headers === undefined ? [] : [...message.headers],
  };
}

async function publishAndSubscribe(connection: NatsConnection): Promise<unknown> {
  const received: unknown[] = [];
  connection.subscribe("plain.*", { callback: (_, message) => void received.push(describeMessage(message)) });
  const rich = headers();
  rich.append("X-Trace", "a");
  rich.append("X-Trace", "b, c");
  for (const [i, payload] of samplePayloads().entries()) {
    connection.publish(`plain.${i}`, payload);
    connection.publish(`plain.h${i}`, payload, { headers: rich, reply: "some.reply" });
  }
  await connection.flush();
  return received;
}

async function requests(connection: NatsConnection): Promise<unknown> {
  connection.subscribe("echo", { callback: (_, message) => void message.respond(message.data) });
  connection.subscribe("many", {
    callback: (_, message) => {
      for (const part of ["a", "b", "c"]) message.respond(Buffer.from(part));
    },
  });
  const answers: unknown[] = [];
  for (const payload of samplePayloads()) {
    answers.push(hex((await connection.request("echo", payload, { timeout: 5_000 })).data));
    const alone = { timeout: 5_000, noMux: true, reply: createInbox() };
    answers.push(hex((await connection.request("echo", payload, alone)).data));
  }
  const many: string[] = [];
  for await (const part of await connection.requestMany("many", "x", { maxMessages: 3, maxWait: 800 })) {
    if (!(part instanceof Error)) many.push(part.string());
  }
  const nobody = await outcomeOf(async () => connection.request("nobody.here", "x", { timeout: 5_000 }));
  return { answers, many, nobody };
}

async function services(connection: NatsConnection): Promise<unknown> {
  const service = await connection.services.add({ name: "upper", version: "1.0.0" });
  service.addEndpoint("upper", (_, message) => void message.respond(Buffer.from(message.string().toUpperCase())));
  const answer = await connection.request("upper", "abc", { timeout: 5_000 });
  const pings: string[] = [];
  for await (const ping of await connection.services.client().ping("upper")) pings.push(ping.name);
  await service.stop();
  return { answer: answer.string(), pings };
}

async function jetStream(connection: NatsConnection): Promise<unknown> {
  const manager = await connection.jetstreamManager();
  await manager.streams.add({ name: "OLD", subjects: ["old.>"] });
  const client = connection.jetstream();
  const acks: unknown[] = [];
  for (const payload of samplePayloads()) {
    const { seq, duplicate } = await client.publish("old.a", payload, { msgID: hex(payload) });
    acks.push([seq, duplicate]);
  }
  const none = await outcomeOf(async () => client.publish("no.stream", new Uint8Array(), { timeout: 5_000 }));
  await manager.consumers.add("OLD", { durable_name: "puller", ack_policy: AckPolicy.Explicit });
  const pulled: string[] = [];
  const puller = await client.consumers.get("OLD", "puller");
  for await (const message of await puller.fetch({ max_messages: 5, expires: 5_000 })) {
    pulled.push(`${message.seq} ${hex(message.data)}`);
    await message.ackAck();
  }
  return { acks, none, pulled };
}

async function keyValue(connection: NatsConnection): Promise<unknown> {
  const bucket = await connection.jetstream().views.kv("old_settings", { history: 3 });
  const revisions = [await bucket.put("a", Buffer.from("1")), await bucket.put("a", Buffer.from("2"))];
  const stale = await outcomeOf(async () => bucket.update("a", Buffer.from("3"), 1));
  const entry = await bucket.get("a");
  await bucket.purge("a");
  const gone = await bucket.get("a");
  return { revisions, stale, value: entry?.string(), gone: gone?.operation };
}

async function objectStore(connection: NatsConnection): Promise<unknown> {
  const store = await connection.jetstream().views.os("old_files");
  const large = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 13) % 256);
  const { size, digest } = await store.putBlob({ name: "f" }, large);
  const back = await store.getBlob("f");
  return { size, digest, back: hex(back ?? new Uint8Array()) };
}

async function drain(connection: NatsConnection): Promise<unknown> {
  const subject = "drained";
  let count = 0;
  connection.subscribe(subject, { callback: () => void count++ });
  for (let i = 0; i < 100; i++) connection.publish(subject, Buffer.from(String(i)));
  await connection.drain();
  return { count, closed: connection.isClosed() };
}
