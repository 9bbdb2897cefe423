import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { createTempDir, eventually, rawConnect, startNatsServer, startRedisServer } from "@cortexos/devkit";
import { cpSync, rmSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  createRedisHoldStore,
  HOLD_BUCKET,
  openJetStreamHoldStore,
  openRedisLink,
  type HoldBounds,
  type SharedHoldStore,
} from "../src/index.ts";
import { sampleApprover, sampleHold, samplePrincipal } from "../src/test/samples.ts";

/** A server of holds, and what the tests do to it behind the stores' back. */
interface Ground {
  /** A store as a process of its own would have it. */
  open(bounds?: HoldBounds): Promise<SharedHoldStore>;
  /** SIGKILL and start anew. */
  crash(): Promise<void>;
  /** Replaces what is stored of a hold. */
  tamper(id: string, change: (text: string) => string): Promise<void>;
  /** Remembers what is stored now. */
  remember(): Promise<void>;
  /** Loses everything since, as a failover does. */
  loseTail(): Promise<void>;
}

async function redisGround(): Promise<Ground> {
  const server = await startRedisServer({ persistent: true });
  onTestFinished(() => server.stop());
  const command = async (...parts: readonly string[]): Promise<string> => {
    const client = await rawConnect(server.port);
    const bulk = parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join("");
    await client.write(`*${parts.length}\r\n${bulk}`);
    const [, text = ""] = await client.waitFor(/^(?:[:+].*|\$\d+\r\n(.*))\r\n/);
    client.close();
    return text;
  };
  return {
    async open(bounds = {}) {
      const redis = openRedisLink({ url: server.url });
      onTestFinished(() => redis.close());
      await redis.first;
      return createRedisHoldStore({ redis, ...bounds });
    },
    async crash() {
      await server.kill();
      await server.restart();
    },
    async tamper(id, change) {
      const key = `cortexos:{holds}:hold:${id}`;
      await command("HSET", key, "text", change(await command("HGET", key, "text")));
    },
    async remember() {
      await command(
        "EVAL",
        "for _, k in ipairs(redis.call('KEYS', 'cortexos:*')) do redis.call('COPY', k, 'was:' .. k) end return 1",
        "0",
      );
    },
    async loseTail() {
      const forget = "for _, k in ipairs(redis.call('KEYS', 'cortexos:*')) do redis.call('DEL', k) end ";
      const restore =
        "for _, k in ipairs(redis.call('KEYS', 'was:*')) do redis.call('RENAME', k, k:sub(5)) end return 1";
      await command("EVAL", forget + restore, "0");
    },
  };
}

async function jetStreamGround(): Promise<Ground> {
  const server = await startNatsServer({ syncAlways: true });
  onTestFinished(() => server.stop());
  const memory = createTempDir("tail");
  onTestFinished(() => memory.remove());
  const join = async () => {
    const connection = await connect({ servers: server.url, reconnectTimeWait: 20, maxReconnectAttempts: -1 });
    onTestFinished(() => connection.close());
    return connection;
  };
  return {
    open: async (bounds = {}) => openJetStreamHoldStore({ connection: await join(), ...bounds }),
    async crash() {
      await server.kill();
      await server.restart();
    },
    async tamper(id, change) {
      const connection = await join();
      const { streams } = await jetstreamManager(connection);
      const subject = `$KV.${HOLD_BUCKET}.${id}`;
      const message = await streams.getMessage(`KV_${HOLD_BUCKET}`, { last_by_subj: subject });
      connection.publish(subject, change(message?.string() ?? ""));
      await connection.flush();
    },
    async remember() {
      await server.kill();
      cpSync(server.storeDir, memory.path, { recursive: true });
      await server.restart();
    },
    async loseTail() {
      await server.kill();
      rmSync(server.storeDir, { recursive: true });
      cpSync(memory.path, server.storeDir, { recursive: true });
      await server.restart();
    },
  };
}

const IN_AN_HOUR_NS = String((Date.now() + 3_600_000) * 1_000_000);
const ANN = sampleApprover("ann");
const BEN = sampleApprover("ben");

async function codeOf(call: unknown): Promise<unknown> {
  try {
    return await call;
  } catch (reason) {
    return reason instanceof Error && "code" in reason ? reason.code : reason;
  }
}

function lasting(id: string, more: Parameters<typeof sampleHold>[1] = {}): ReturnType<typeof sampleHold> {
  return sampleHold(id, { expiresAtNs: IN_AN_HOUR_NS, ...more });
}

describe.each([
  ["createRedisHoldStore", redisGround],
  ["openJetStreamHoldStore", jetStreamGround],
])("%s", (_, startGround) => {
  it("keeps holds and approvals over a crash of everything (G115)", async () => {
    const ground = await startGround();
    const before = await ground.open();
    await before.park(lasting("h", { quorum: 2, payload: Buffer.from("pay 10") }));
    await before.approve("h", ANN, "1");
    await ground.crash();
    const after = await ground.open();
    expect(await after.get("h")).toMatchObject({ status: "waiting", approvals: [{ by: "ann" }] });
    expect(Buffer.from((await after.get("h"))?.message.payload ?? []).toString()).toBe("pay 10");
    expect(await after.approve("h", BEN, "1")).toMatchObject({ ok: true, hold: { status: "approved" } });
    expect(await after.claimRelease("h")).toBe(true);
    await ground.crash();
    await eventually(async () => (await before.claimRelease("h")) === false);
    expect(await (await ground.open()).claimRelease("h")).toBe(false);
  });

  it("releases once, however many processes claim at once (G109)", async () => {
    const ground = await startGround();
    const stores = await Promise.all(Array.from({ length: 8 }, async () => ground.open()));
    await stores[0]?.park(lasting("h"));
    await stores[1]?.approve("h", ANN, "1");
    const claims = await Promise.all([...stores, ...stores].map(async (store) => store.claimRelease("h")));
    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  it("counts the approvals of all processes, each approver once", async () => {
    const ground = await startGround();
    const stores = await Promise.all(Array.from({ length: 6 }, async () => ground.open()));
    await stores[0]?.park(lasting("h", { quorum: 3 }));
    const changes = await Promise.all(
      [...stores, ...stores].map(async (store, i) => store.approve("h", i < stores.length ? ANN : BEN, "1")),
    );
    expect(changes.filter((change) => change.ok)).toHaveLength(2);
    expect((await stores[5]?.get("h"))?.approvals.map(({ by }) => by).toSorted()).toEqual(["ann", "ben"]);
  });

  it("lets one of approve and deny win, and never releases after a deny (G116)", async () => {
    const ground = await startGround();
    const [one, other] = [await ground.open(), await ground.open()];
    for (const id of ["h0", "h1", "h2", "h3", "h4", "h5"]) {
      await one.park(lasting(id));
      const [, denied] = await Promise.all([one.approve(id, ANN, "1"), other.deny(id, BEN, "1")]);
      expect(denied.ok).toBe(true);
      expect(await one.claimRelease(id)).toBe(false);
    }
  });

  it("keeps its bounds over all processes (G113)", async () => {
    const ground = await startGround();
    const bounds = { countMax: 20, perRequesterMax: 5 };
    const stores = await Promise.all(Array.from({ length: 4 }, async () => ground.open(bounds)));
    const answers = await Promise.all(
      Array.from({ length: 64 }, async (_each, i) =>
        stores[i % 4]?.park(lasting(`h${i}`, { requester: samplePrincipal(`agent${i % 3}`) })),
      ),
    );
    expect(answers.filter((answer) => answer === "parked")).toHaveLength(15);
    expect(await stores[0]?.size()).toMatchObject({ count: 15 });
  });

  it("goes by the store's clock, whatever time the caller tells (H124)", async () => {
    const ground = await startGround();
    const store = await ground.open();
    await store.park(sampleHold("past", { expiresAtNs: "1000" }));
    await store.park(lasting("future"));
    expect(await store.approve("past", ANN, "1")).toMatchObject({ ok: false, code: "approval.expired" });
    expect(await store.approve("future", ANN, "9".repeat(20))).toMatchObject({ ok: true });
    expect((await store.expire("9".repeat(20))).map(({ id, status }) => [id, status])).toEqual([["past", "expired"]]);
    expect(await store.claimRelease("future")).toBe(true);
  });

  it("neither shows nor releases a message that is not the one that was shown (G110)", async () => {
    const ground = await startGround();
    const store = await ground.open();
    await store.park(lasting("h", { payload: Buffer.from("pay 10") }));
    await store.approve("h", ANN, "1");
    await ground.tamper("h", (text) => text.replace(Buffer.from("pay 10").toString("base64"), "cGF5IDk5"));
    const fresh = await ground.open();
    expect([false, "store.damaged"]).toContain(await codeOf(fresh.claimRelease("h")));
    expect(await fresh.list(10)).toEqual([]);
  });

  it("lists the oldest first, whatever was changed since", async () => {
    const ground = await startGround();
    const store = await ground.open();
    for (const id of ["h0", "h1", "h2"]) {
      const hold = lasting(id, { quorum: 2 });
      await store.park({ ...hold, decision: { ...hold.decision, evaluated_at: `1${id.slice(1)}` } });
    }
    await store.approve("h0", ANN, "1");
    expect((await (await ground.open()).list(10)).map(({ id }) => id)).toEqual(["h0", "h1", "h2"]);
  });

  it("refuses everything after it lost its tail, until every open hold was ended", async () => {
    const ground = await startGround();
    const store = await ground.open();
    await store.park(lasting("h"));
    await ground.remember();
    await eventually(async () => (await codeOf(store.approve("h", ANN, "1"))) !== "store.away");
    expect(await store.claimRelease("h")).toBe(true);
    await ground.loseTail();
    // Others go on as if nothing had been: what they write must not hide the loss.
    const other = await ground.open();
    for (const id of ["o1", "o2", "o3"]) await other.park(lasting(id));
    await eventually(async () => (await codeOf(store.claimRelease("h"))) === "store.rewound");
    expect(store.isRewound()).toBe(true);
    await expect(store.park(lasting("i"))).rejects.toMatchObject({ code: "store.rewound" });
    const ended = await store.expire("0");
    expect(ended.every(({ status }) => status === "expired")).toBe(true);
    expect(ended.map(({ id }) => id)).toContain("o1");
    expect([await store.list(10), store.isRewound()]).toEqual([[], false]);
    expect(await store.park(lasting("i"))).toBe("parked");
  });
});
