import { startNatsServer, tap, type NatsServer, type Tap } from "@cortexos/devkit";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { connect as connectV2, type NatsConnection as ConnectionV2 } from "nats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guard } from "../src/index.ts";
import { guardOptions, LINES } from "./agents.ts";
import { everyPathV2 } from "./every-path-v2.ts";
import { everyPathV3, type Paths } from "./every-path-v3.ts";
import { buildTestBundle } from "./test-bundle.ts";

/** What the other party of a test sends by itself. */
const OF_OTHERS = /^(?:ask\.me|s[23]\.e|\$SRV\.)/;

const DENY_ALL = `# METADATA
# title: Deny all
# description: Denies whatever comes.
package cortexos.rules.test.deny_all

deny contains {"id": "test.deny_all", "reason": "nothing is allowed"}
`;

describe.each(LINES)("a guard that denies everything, over %s", (line) => {
  let nats: NatsServer;
  let behind: Tap;
  let other: NatsConnection;
  let nc: NatsConnection | ConnectionV2;
  let paths: Paths;
  const decided: string[] = [];
  beforeAll(async () => {
    nats = await startNatsServer();
    other = await connect({ servers: nats.url });
    const bundle = await buildTestBundle(DENY_ALL);
    if (line === "v3") {
      const connection = await connect({ servers: nats.url });
      paths = await everyPathV3(connection, other);
      const guarded = guard(connection, guardOptions(bundle));
      guarded.on("decision", ({ input }) => void decided.push(input.message.subject));
      nc = guarded;
    } else {
      const connection = await connectV2({ servers: nats.url });
      paths = await everyPathV2(connection, other as unknown as ConnectionV2);
      const guarded = guard(connection, guardOptions(bundle));
      guarded.on("decision", ({ input }) => void decided.push(input.message.subject));
      nc = guarded;
    }
    behind = await tap(nats.url, ">");
  });
  afterAll(async () => {
    await nc.close();
    await other.close();
    await behind.close();
    await nats.stop();
  });

  it("lets none of the ways of sending put anything on the bus, and keeps the connection", async () => {
    const silent: string[] = [];
    for (const [name, send] of paths) {
      const before = decided.length;
      const end = await ended(send);
      if (decided.length === before && !/publish in it|sendCommand/.test(name)) silent.push(name);
      if (end === "ok" && !MAY_END_WELL.has(name)) silent.push(`${name} ended well`);
      await nc.flush();
    }
    await other.flush();
    const reached = (await behind.flushed())
      .map(({ subject }) => subject)
      .filter((subject) => !OF_OTHERS.test(subject));
    expect(reached).toEqual([]);
    expect(silent).toEqual([]);
    expect(nc.isClosed()).toBe(false);
  });
});

/** What a client ends without an error when nothing is answered. */
const MAY_END_WELL = new Set([
  "consumer.next",
  "consumer.fetch",
  "respond",
  "ack",
  "nak",
  "working",
  "term",
  "next",
  "protocol.publish",
]);

async function ended(send: () => unknown): Promise<unknown> {
  try {
    await send();
    return "ok";
  } catch (error) {
    return error;
  }
}
