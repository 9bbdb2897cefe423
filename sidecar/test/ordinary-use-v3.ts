import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { Objm } from "@nats-io/obj";
import { Svcm } from "@nats-io/services";
import { connect, createInbox, headers, type Msg, type NatsConnection } from "@nats-io/transport-node";
import { hex, outcomeOf, samplePayloads, type Scenario } from "./ordinary-use.ts";

/** Ordinary use with `@nats-io/transport-node` 3.x. */
export const ordinaryUseV3: readonly Scenario[] = [
  { name: "publish and subscribe", run: withConnection(publishAndSubscribe) },
  { name: "requests", run: withConnection(requests) },
  { name: "services", run: withConnection(services) },
  { name: "JetStream publish", run: withConnection(jetStreamPublish) },
  { name: "JetStream consumers", run: withConnection(jetStreamConsumers) },
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

/** The services package was published against an older core, so that its types name another, equal connection. */
function servicesOf(connection: NatsConnection): Svcm {
  return new Svcm(connection as unknown as ConstructorParameters<typeof Svcm>[0]);
}

function describeMessage(message: Msg): unknown {
  const fields = message.headers === undefined ? [] : [...message.headers];
  return { subject: message.subject, data: hex(message.data), headers: fields };
}

async function publishAndSubscribe(connection: NatsConnection): Promise<unknown> {
  const received: unknown[] = [];
  const queued: unknown[] = [];
  const once = connection.subscribe("plain.>", { max: 2 });
  connection.subscribe("plain.*", { callback: (_, message) => void received.push(describeMessage(message)) });
  for (let i = 0; i < 3; i++) {
    connection.subscribe("plain.*", { queue: "q", callback: (_, message) => void queued.push(message.subject) });
  }
  const rich = headers();
  rich.append("X-Trace", "a");
  rich.append("X-Trace", "b, c");
  rich.append("x-lower", "ü".normalize("NFC"));
  for (const [i, payload] of samplePayloads().entries()) {
    connection.publish(`plain.${i}`, payload);
    connection.publish(`plain.h${i}`, payload, { headers: rich, reply: "some.reply" });
  }
  await connection.flush();
  const first: string[] = [];
  for await (const message of once) first.push(message.subject);
  return { received, queued, first };
}

async function requests(connection: NatsConnection): Promise<unknown> {
  connection.subscribe("echo", {
    callback: (_, message) => {
      const answer = headers();
      answer.set("X-Echo", String(message.data.length));
      message.respond(message.data, { headers: answer });
    },
  });
  connection.subscribe("many", {
    callback: (_, message) => {
      for (const part of ["a", "b", "c", ""]) message.respond(part);
    },
  });
  const answers: unknown[] = [];
  for (const payload of samplePayloads()) {
    const options = { timeout: 5_000 };
    answers.push(hex((await connection.request("echo", payload, options)).data));
    answers.push(
      hex((await connection.request("echo", payload, { ...options, noMux: true, reply: createInbox() })).data),
    );
  }
  const many: string[] = [];
  for await (const part of await connection.requestMany("many", "x", { maxMessages: 4, maxWait: 800 })) {
    many.push(part.string());
  }
  const nobody = await outcomeOf(async () => connection.request("nobody.here", "x", { timeout: 5_000 }));
  return { answers, many, nobody };
}

async function services(connection: NatsConnection): Promise<unknown> {
  const service = await servicesOf(connection).add({ name: "sums", version: "1.0.0", description: "adds" });
  service.addGroup("sums").addEndpoint("add", (error, message) => {
    const numbers: unknown = message.json();
    if (error !== null || !Array.isArray(numbers)) message.respondError(400, "expected a list");
    else message.respond(JSON.stringify(numbers.reduce<number>((sum, n) => sum + Number(n), 0)));
  });
  const sum = await connection.request("sums.add", "[1,2,3]", { timeout: 5_000 });
  const refused = await connection.request("sums.add", "{}", { timeout: 5_000 });
  const client = servicesOf(connection).client();
  const infos: string[] = [];
  for await (const info of await client.info("sums")) infos.push(`${info.name} ${info.version}`);
  await service.stop();
  return {
    sum: sum.string(),
    refused: [refused.headers?.get("Nats-Service-Error-Code"), refused.headers?.get("Nats-Service-Error")],
    infos,
  };
}

async function jetStreamPublish(connection: NatsConnection): Promise<unknown> {
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: "PUBS", subjects: ["pubs.>"] });
  const client = jetstream(connection);
  const acks: unknown[] = [];
  for (const [i, payload] of samplePayloads().entries()) {
    const { seq, duplicate, stream } = await client.publish("pubs.a", payload, { msgID: `m-${i % 3}` });
    acks.push([stream, seq, duplicate]);
  }
  const wrong = await outcomeOf(async () => client.publish("pubs.a", "x", { expect: { lastSequence: 999 } }));
  const none = await outcomeOf(async () => client.publish("no.stream", "x", { timeout: 5_000 }));
  const many = await Promise.all(Array.from({ length: 200 }, async (_, i) => client.publish("pubs.b", String(i))));
  const { state } = await manager.streams.info("PUBS");
  return { acks, wrong, none, many: many.map(({ seq }) => seq), messages: state.messages };
}

async function jetStreamConsumers(connection: NatsConnection): Promise<unknown> {
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: "WORK", subjects: ["work.>"] });
  const client = jetstream(connection);
  for (let i = 0; i < 20; i++) await client.publish(`work.${i % 2}`, `job ${i}`);

  await manager.consumers.add("WORK", { durable_name: "puller", ack_policy: AckPolicy.Explicit });
  const pulled: string[] = [];
  const puller = await client.consumers.get("WORK", "puller");
  for await (const message of await puller.fetch({ max_messages: 20, expires: 5_000 })) {
    pulled.push(`${message.seq} ${message.subject} ${message.string()}`);
    if (!(await message.ackAck())) throw new Error("not acknowledged");
  }
  const { num_ack_pending: pending } = await puller.info();

  const ordered: string[] = [];
  const reader = await client.consumers.get("WORK", { filter_subjects: "work.1" });
  for await (const message of await reader.consume({ max_messages: 5 })) {
    ordered.push(`${message.seq} ${message.string()}`);
    if (ordered.length === 10) break;
  }

  const pushed: string[] = [];
  await manager.consumers.add("WORK", {
    durable_name: "pusher",
    deliver_subject: createInbox(),
    deliver_policy: DeliverPolicy.All,
    ack_policy: AckPolicy.Explicit,
  });
  const pusher = await client.consumers.getPushConsumer("WORK", "pusher");
  for await (const message of await pusher.consume()) {
    pushed.push(message.string());
    message.ack();
    if (pushed.length === 20) break;
  }
  await manager.streams.purge("WORK", { filter: "work.0" });
  const { state } = await manager.streams.info("WORK");
  return { pulled, pending, ordered, pushed, left: state.messages };
}

async function keyValue(connection: NatsConnection): Promise<unknown> {
  const bucket = await new Kvm(connection).create("settings", { history: 5 });
  const watched: string[] = [];
  const watch = await bucket.watch({ key: "color" });
  const following = (async () => {
    for await (const entry of watch) {
      watched.push(`${entry.operation} ${entry.revision}`);
      if (entry.operation === "DEL") break;
    }
  })();
  const revisions = [await bucket.put("color", "blue"), await bucket.put("shape", samplePayloads()[3] ?? "")];
  revisions.push(await bucket.update("color", "red", revisions[0] ?? 0));
  const stale = await outcomeOf(async () => bucket.update("color", "green", 1));
  const taken = await outcomeOf(async () => bucket.create("color", "x"));
  const shape = await bucket.get("shape");
  await bucket.delete("color");
  await following;
  const keys: string[] = [];
  for await (const key of await bucket.keys()) keys.push(key);
  return { revisions, stale, taken, shape: hex(shape?.value ?? new Uint8Array()), watched, keys };
}

async function objectStore(connection: NatsConnection): Promise<unknown> {
  const store = await new Objm(connection).create("files");
  const large = Uint8Array.from({ length: 500_000 }, (_, i) => (i * 7) % 256);
  const info = await store.putBlob({ name: "large.bin", description: "a file" }, large);
  const back = await store.getBlob("large.bin");
  const none = await store.getBlob("nothing");
  const list = (await store.list()).map(({ name, size, chunks }) => ({ name, size, chunks }));
  await store.delete("large.bin");
  return { size: info.size, digest: info.digest, back: hex(back ?? new Uint8Array()), none, list };
}

async function drain(connection: NatsConnection): Promise<unknown> {
  const received: string[] = [];
  const subscription = connection.subscribe("drained", {
    callback: (_, message) => void received.push(message.string()),
  });
  for (let i = 0; i < 100; i++) connection.publish("drained", String(i));
  await subscription.drain();
  await connection.drain();
  return { received: received.length, closed: connection.isClosed() };
}
