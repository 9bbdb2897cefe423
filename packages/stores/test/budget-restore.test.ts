import { connect } from "@nats-io/transport-node";
import { rawConnect, startNatsServer, startRedisServer, type RedisServer } from "@cortexos/devkit";
import type { AuditRecord } from "@cortexos/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  AUDIT_STREAM,
  createRedisBudgetStore,
  openJetStreamRecordSink,
  openRedisLink,
  recordedSpendings,
  type SharedBudgetLedger,
  type StoredRecordSink,
} from "../src/index.ts";
import { sampleRecord } from "../src/test/samples.ts";

const OWNER = { tenant: "acme", agent: "agent", run: "s" };
const LIMITS = [{ scope: "a", limit: 100, windowMs: 86_400_000 }];

interface Ground {
  readonly server: RedisServer;
  readonly records: StoredRecordSink;
  readonly open: () => Promise<SharedBudgetLedger>;
  /** Spends as a gate does: reserve, record, release, commit. */
  readonly spend: (ledger: SharedBudgetLedger, id: string, amount: number) => Promise<void>;
  readonly restore: (ledger: SharedBudgetLedger) => Promise<void>;
  readonly command: (text: string) => Promise<void>;
}

async function startGround(): Promise<Ground> {
  const server = await startRedisServer();
  const nats = await startNatsServer();
  const connection = await connect({ servers: nats.url });
  onTestFinished(async () => {
    await connection.close();
    await nats.stop();
    await server.stop();
  });
  const records = await openJetStreamRecordSink({ connection, writer: "w" });
  return {
    server,
    records,
    async open() {
      const redis = openRedisLink({ url: server.url });
      onTestFinished(() => redis.close());
      await redis.first;
      return createRedisBudgetStore({ redis, limits: LIMITS });
    },
    async spend(ledger, id, amount) {
      await ledger.reserve(id, [{ scope: "a", amount }], OWNER);
      await records.append(spent(id, amount));
      await ledger.commit(id, OWNER);
    },
    async restore(ledger) {
      for (const lost of ledger.rewound()) {
        await ledger.restore(lost, recordedSpendings({ connection, stream: AUDIT_STREAM, sinceMs: lost.sinceMs }));
      }
    },
    async command(text) {
      const client = await rawConnect(server.port);
      await client.write(`${text}\r\n`);
      await client.waitFor(/^[+:].*\r\n/);
      client.close();
    },
  };
}

function spent(id: string, amount: number): AuditRecord {
  const record = sampleRecord(1);
  if (record.type !== "decision") throw new Error("no decision");
  return {
    ...record,
    record_id: `w/e/${id}`,
    at_ns: String(Date.now() * 1_000_000),
    decision: { ...record.decision, decision_id: id },
    answers: { throttles: [], budgets: [{ scope: "a", amount, reserved: true }] },
  };
}

const REMEMBER = `EVAL "for _, k in ipairs(redis.call('KEYS', 'cortexos:*')) do redis.call('COPY', k, 'was:' .. k) end return 1" 0`;
const LOSE_TAIL = `EVAL "for _, k in ipairs(redis.call('KEYS', 'cortexos:*')) do redis.call('DEL', k) end for _, k in ipairs(redis.call('KEYS', 'was:*')) do redis.call('RENAME', k, k:sub(5)) end return 1" 0`;

async function codeOf(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (reason) {
    return reason instanceof Error && "code" in reason ? reason.code : reason;
  }
}

describe("a ledger in Redis that lost writes", () => {
  it.each([
    ["its tail", REMEMBER, LOSE_TAIL],
    ["everything", "PING", "FLUSHALL"],
  ])("and with them %s is restored from the records before spending goes on", async (_, remember, lose) => {
    const { open, spend, restore, command } = await startGround();
    const ledger = await open();
    await spend(ledger, "r1", 10);
    await command(remember);
    await spend(ledger, "r2", 20);
    await spend(ledger, "r3", 30);
    await command(lose);
    expect(await codeOf(() => ledger.reserve("r4", [{ scope: "a", amount: 100 }], OWNER))).toBe("store.rewound");
    await restore(ledger);
    expect((await ledger.accounts(OWNER))[0]).toMatchObject({ committed: 60, reserved: 0, debt: 0, remaining: 40 });
    expect(await ledger.reserve("r4", [{ scope: "a", amount: 41 }], OWNER)).toEqual({ reserved: false, scope: "a" });
    await ledger.commit("r3", OWNER);
    expect((await ledger.accounts(OWNER))[0]?.committed).toBe(60);
  });

  it("is restored once, however many processes find out", async () => {
    const { open, spend, restore, command } = await startGround();
    const ledgers = [await open(), await open(), await open()];
    for (const [i, ledger] of ledgers.entries()) await spend(ledger, `r${i}`, 10);
    await command("FLUSHALL");
    for (const ledger of ledgers.slice(0, 2)) await codeOf(() => ledger.accounts(OWNER));
    await Promise.all(ledgers.map(restore));
    // The third was away meanwhile, and goes on from what the others rebuilt.
    for (const ledger of ledgers) {
      expect(await codeOf(() => ledger.accounts(OWNER))).toMatchObject([{ committed: 30, remaining: 70 }]);
      expect(ledger.rewound()).toEqual([]);
    }
  });

  it("counts what was spent beyond the limit as debt, and nothing that failed", async () => {
    const { open, spend, restore, command, records } = await startGround();
    const ledger = await open();
    await spend(ledger, "r1", 90);
    const { schema, origin, at_ns } = spent("x", 1);
    await records.append(spent("r2", 80));
    await records.append(spent("r3", 5));
    await records.append({
      schema,
      origin,
      at_ns,
      record_id: "w/e/o",
      type: "outcome",
      decision_id: "r3",
      result: "failed",
    });
    // An outcome need not be durable before its message is gone.
    await records.close();
    await command("FLUSHALL");
    await codeOf(() => ledger.accounts(OWNER));
    await restore(ledger);
    expect((await ledger.accounts(OWNER))[0]).toMatchObject({ committed: 100, debt: 70, remaining: 0 });
  });
});
