import { AckPolicy, type JsMsg, type Msg, type NatsConnection } from "nats";
import type { Paths } from "./every-path-v3.ts";

/** Sets up everything, and gives every way of the older line by which something is sent. */
export async function everyPathV2(nc: NatsConnection, other: NatsConnection): Promise<Paths> {
  const js = nc.jetstream();
  const manager = await nc.jetstreamManager();
  await manager.streams.add({ name: "P2", subjects: ["p2.>"], allow_direct: true, allow_atomic: true } as never);
  const direct = (manager as unknown as { direct: { getMessage(stream: string, query: object): Promise<unknown> } })
    .direct;
  await manager.consumers.add("P2", { durable_name: "c", ack_policy: AckPolicy.Explicit });
  for (let i = 0; i < 6; i++) await js.publish("p2.a", "x");
  const consumer = await js.consumers.get("P2", "c");
  const taken: JsMsg[] = [];
  for await (const message of await consumer.fetch({ max_messages: 6, expires: 2_000 })) taken.push(message);
  const kv = await js.views.kv("kv2");
  await kv.put("k", "v");
  const objects = await js.views.os("obj2");
  await objects.putBlob({ name: "o" }, new Uint8Array(10));
  const service = await nc.services.add({ name: "s2", version: "1.0.0" });
  service.addEndpoint("e", { subject: "s2.e", handler: (_, message) => void message.respond(Buffer.from("answer")) });
  const asked = await receiveOne(nc, other);
  await nc.flush();
  const [a, b, c, d, e, f] = taken;
  return new Map<string, () => unknown>([
    ["publish", () => nc.publish("a.b", "x")],
    ["publish with reply", () => nc.publish("a.b", "x", { reply: "nobody.here" })],
    ["publishMessage", () => nc.publishMessage(asked)],
    ["respondMessage", () => nc.respondMessage(asked)],
    ["respond", () => asked.respond("x")],
    ["request", async () => nc.request("a.b", "x", { timeout: 200 })],
    ["request noMux", async () => nc.request("a.b", "x", { timeout: 200, noMux: true })],
    ["requestMany", async () => collect(await nc.requestMany("a.b", "x", { maxWait: 200 }))],
    ["requestMany noMux", async () => collect(await nc.requestMany("a.b", "x", { maxWait: 200, noMux: true }))],
    ["js.publish", async () => js.publish("p2.a", "x", { timeout: 200 })],
    ["js.pull", async () => js.pull("P2", "c")],
    ["ack", () => a?.ack()],
    ["nak", () => b?.nak()],
    ["working", () => c?.working()],
    ["term", () => d?.term()],
    ["next", () => e?.next("c", { batch: 1 })],
    ["ackAck", async () => f?.ackAck({ timeout: 200 })],
    ["consumer.next", async () => consumer.next({ expires: 1_000 })],
    ["consumer.fetch", async () => collect(await consumer.fetch({ max_messages: 1, expires: 1_000 }))],
    ["streams.info", async () => manager.streams.info("P2")],
    ["streams.purge", async () => manager.streams.purge("P2")],
    ["streams.deleteMessage", async () => manager.streams.deleteMessage("P2", 1)],
    ["direct.getMessage", async () => direct.getMessage("P2", { seq: 1 })],
    ["kv.put", async () => kv.put("k", "v")],
    ["kv.create", async () => kv.create("n", "v")],
    ["kv.delete", async () => kv.delete("k")],
    ["kv.purge", async () => kv.purge("k")],
    ["kv.get", async () => kv.get("k")],
    ["kv.keys", async () => collect(await kv.keys())],
    ["object.put", async () => objects.putBlob({ name: "o2" }, new Uint8Array(10))],
    ["object.delete", async () => objects.delete("o")],
    ["object.update", async () => objects.update("o", { description: "d" })],
    ["object.get", async () => objects.getBlob("o")],
    ["service answer", async () => other.request("s2.e", "", { timeout: 200 })],
    ["service ping", async () => other.request("$SRV.PING.s2", "", { timeout: 200 })],
    ["service info", async () => other.request("$SRV.INFO.s2", "", { timeout: 200 })],
    ["service stats", async () => other.request("$SRV.STATS.s2", "", { timeout: 200 })],
    [
      "protocol.publish",
      () => (nc as unknown as { protocol: { publish(subject: string): void } }).protocol.publish("a.b"),
    ],
    ["a queue with a publish in it", () => nc.subscribe("a.b", { queue: "q 9\r\nPUB evil 1\r\nx\r\nSUB c" })],
    ["a subject with a publish in it", () => nc.publish("a.b 0\r\n\r\nPUB evil", "x")],
    ["a reply with a publish in it", () => nc.publish("a.b", "x", { reply: "r 1\r\nx\r\nPUB evil" })],
    [
      "sendCommand",
      () =>
        (nc as unknown as { protocol: { sendCommand(text: string): void } }).protocol.sendCommand("PUB evil 0\r\n\r\n"),
    ],
  ]);
}

async function receiveOne(nc: NatsConnection, other: NatsConnection): Promise<Msg> {
  const subscription = nc.subscribe("ask.me", { max: 1 });
  await nc.flush();
  other.publish("ask.me", "x", { reply: "answer.here" });
  for await (const message of subscription) return message;
  throw new Error("nothing came");
}

async function collect(items: AsyncIterable<unknown>): Promise<void> {
  for await (const item of items) void item;
}
