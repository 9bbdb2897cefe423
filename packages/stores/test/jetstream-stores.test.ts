import { connect, type NatsConnection } from "@nats-io/transport-node";
import { startNatsServer, type NatsServer } from "@cortexos/devkit";
import { afterAll, beforeAll } from "vitest";
import { openJetStreamBudgets } from "../src/jetstream-budget-store.ts";
import { openJetStreamHolds } from "../src/jetstream-hold-store.ts";
import { openJetStreamThrottles } from "../src/jetstream-throttle-store.ts";
import { describeBudgetStore, SUITE_START_MS } from "../src/test/budget-store-suite.ts";
import { describeHoldStore, HOLD_SUITE_BOUNDS } from "../src/test/hold-store-suite.ts";
import { describeThrottleStore } from "../src/test/throttle-store-suite.ts";

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

describeThrottleStore("openJetStreamThrottleStore", async () => {
  let atUs = SUITE_START_MS * 1_000;
  return {
    store: await openJetStreamThrottles({ connection, bucket: freshBucket() }, () => atUs),
    advanceUs: (us) => {
      atUs += us;
    },
  };
});

describeBudgetStore(
  "openJetStreamBudgetStore",
  async (limits) => {
    let atMs = SUITE_START_MS;
    return {
      ledger: await openJetStreamBudgets({ connection, limits, bucket: freshBucket() }, () => atMs),
      advanceMs: (ms) => {
        atMs += ms;
      },
    };
  },
  { runCount: 25 },
);

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
