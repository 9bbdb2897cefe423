import { connect, type NatsConnection } from "@nats-io/transport-node";
import { startNatsServer, type NatsServer } from "@cortexos/devkit";
import { afterAll, beforeAll } from "vitest";
import { openJetStreamHolds } from "../src/jetstream-hold-store.ts";
import { describeHoldStore, HOLD_SUITE_BOUNDS } from "../src/test/hold-store-suite.ts";

let server: NatsServer;
let connection: NatsConnection;
let bucketCount = 0;

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connect({ servers: server.url });
});
afterAll(async () => {
  await connection.close();
  await server.stop();
});

const freshBucket = (): string => `B${bucketCount++}`;

describeHoldStore(
  "openJetStreamHoldStore",
  async () => {
    let nowNs = 0n;
    return {
      store: await openJetStreamHolds({ connection, bucket: freshBucket(), ...HOLD_SUITE_BOUNDS }, () => nowNs),
      setNowNs: (ns) => {
        nowNs = BigInt(ns);
      },
    };
  },
  { runCount: 25 },
);
