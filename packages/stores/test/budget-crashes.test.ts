import { connect } from "@nats-io/transport-node";
import { eventually, startNatsServer, startRedisServer } from "@cortexos/devkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { createRedisBudgetStore, openJetStreamBudgetStore, openRedisLink, type BudgetLedger } from "../src/index.ts";

const LIMIT = 120;
const LIMITS = [{ scope: "a", limit: LIMIT }];
const OWNER = { tenant: "acme", agent: "agent", run: "1" };
const ONE = [{ scope: "a", amount: 1 }];
/** More than there is room for, so that crashes could let too many through. */
const MESSAGE_COUNT = 200;
const AT_ONCE = 16;
const CRASH_COUNT = 5;

interface Ground {
  /** A ledger as a process of its own would have it. */
  open(): Promise<BudgetLedger>;
  crash(): Promise<void>;
}

async function redisGround(): Promise<Ground> {
  const server = await startRedisServer({ persistent: true });
  onTestFinished(() => server.stop());
  return {
    async open() {
      const redis = openRedisLink({ url: server.url });
      onTestFinished(() => redis.close());
      await redis.first;
      return createRedisBudgetStore({ redis, limits: LIMITS });
    },
    async crash() {
      await server.kill();
      await server.restart();
    },
  };
}

async function jetStreamGround(): Promise<Ground> {
  const server = await startNatsServer({ syncAlways: true });
  onTestFinished(() => server.stop());
  return {
    async open() {
      const connection = await connect({ servers: server.url, reconnectTimeWait: 20, maxReconnectAttempts: -1 });
      onTestFinished(() => connection.close());
      return openJetStreamBudgetStore({ connection, limits: LIMITS, timeoutMs: 500 });
    },
    async crash() {
      await server.kill();
      await server.restart();
    },
  };
}

/** Asks until there is an answer, always under the same id, as whoever lost an answer must. */
async function persist<T>(call: () => PromiseLike<T> | T): Promise<T> {
  const answers: T[] = [];
  await eventually(async () => {
    try {
      answers.push(await call());
      return true;
    } catch (reason) {
      if (reason instanceof Error && "code" in reason && String(reason.code).startsWith("store.")) return false;
      throw reason;
    }
  });
  for (const answer of answers) return answer;
  throw new Error("no answer");
}

describe.each([
  ["createRedisBudgetStore", redisGround],
  ["openJetStreamBudgetStore", jetStreamGround],
])("P10: %s", (_, startGround) => {
  it("conserves budgets when its server is killed while messages are on their way (H119, H128)", async () => {
    const ground = await startGround();
    const ledgers = [await ground.open(), await ground.open()];
    const ends: ("committed" | "refused" | "voided")[] = [];
    let next = 0;
    const work = async (ledger: BudgetLedger): Promise<void> => {
      for (let n = next++; n < MESSAGE_COUNT; n = next++) {
        const { reserved } = await persist(() => ledger.reserve(`r${n}`, ONE, OWNER));
        if (!reserved) {
          ends.push("refused");
          continue;
        }
        const isVoided = n % 4 === 0;
        await persist(() => (isVoided ? ledger.void(`r${n}`, OWNER) : ledger.commit(`r${n}`, OWNER)));
        ends.push(isVoided ? "voided" : "committed");
      }
    };
    const working = Promise.all(
      Array.from({ length: AT_ONCE }, async (_each, i) => work(ledgers[i % 2] ?? (await ground.open()))),
    );
    for (let i = 0; i < CRASH_COUNT && next < MESSAGE_COUNT; i++) {
      const reached = ends.length + MESSAGE_COUNT / (CRASH_COUNT + 1);
      await eventually(() => ends.length >= Math.min(reached, MESSAGE_COUNT - 1));
      await ground.crash();
    }
    await working;
    expect(ends).toHaveLength(MESSAGE_COUNT);
    const fresh = await ground.open();
    const [account] = await persist(() => fresh.accounts(OWNER));
    const committedCount = ends.filter((end) => end === "committed").length;
    expect(account).toMatchObject({
      committed: committedCount,
      reserved: 0,
      debt: 0,
      remaining: LIMIT - committedCount,
    });
    // What was voided late may have kept out others.
    expect(committedCount).toBeGreaterThan(LIMIT - AT_ONCE);
    expect(committedCount).toBeLessThanOrEqual(LIMIT);
  });
});
