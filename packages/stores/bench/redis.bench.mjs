// Reserve and commit pairs a second on one real Redis, beside what the same Redis and client do with INCR alone in the same run; and throttle takes.
// What each call costs in processor time tells of both sides what they would do on an idle machine.
// After a build: node packages/stores/bench/redis.bench.mjs. Prints JSON.
import { Redis } from "ioredis";
import { startRedisServer } from "@cortexos/devkit";
import { createRedisBudgetStore, createRedisThrottleStore, openRedisLink } from "@cortexos/stores";

const SECONDS = Number(process.env.BENCH_SECONDS ?? 5);
/** Messages on their way at once. */
const IN_FLIGHT = Number(process.env.BENCH_IN_FLIGHT ?? 128);
const OWNER = { tenant: "acme", agent: "agent", run: "1" };
const LIMITS = [
  { scope: "calls", limit: Number.MAX_SAFE_INTEGER, windowMs: 86_400_000 },
  { scope: "usd", limit: Number.MAX_SAFE_INTEGER },
  { scope: "usd", limit: Number.MAX_SAFE_INTEGER, per: "agent" },
  { scope: "usd", limit: Number.MAX_SAFE_INTEGER, per: "run" },
];

/** Runs `IN_FLIGHT` loops of `once` for the time, and gives calls a second, their latency, and what each took of the processors. */
async function measure(once, plain) {
  const latenciesMs = [];
  const serverUs = await serverCpuUs(plain);
  const clientUs = process.cpuUsage();
  let count = 0;
  const startMs = performance.now();
  const endMs = startMs + SECONDS * 1_000;
  const loop = async () => {
    while (performance.now() < endMs) {
      const beganMs = performance.now();
      await once(count++);
      latenciesMs.push(performance.now() - beganMs);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, loop));
  const tookMs = performance.now() - startMs;
  latenciesMs.sort((a, b) => a - b);
  const at = (share) => Number((latenciesMs[Math.floor(latenciesMs.length * share)] ?? 0).toFixed(2));
  const { user, system } = process.cpuUsage(clientUs);
  const each = (us) => Number((us / latenciesMs.length).toFixed(1));
  return {
    perSecond: Math.round((latenciesMs.length * 1_000) / tookMs),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    serverCpuUs: each((await serverCpuUs(plain)) - serverUs),
    clientCpuUs: each(user + system),
  };
}

async function serverCpuUs(plain) {
  const fields = (await plain.info("cpu")).matchAll(/^used_cpu_(?:user|sys):([\d.]+)/gm);
  return [...fields].reduce((sum, [, seconds]) => sum + Number(seconds) * 1e6, 0);
}

async function benchServer(name, options) {
  const server = await startRedisServer(options);
  const redis = openRedisLink({ url: server.url });
  const plain = new Redis(server.url);
  try {
    await redis.first;
    const budgets = createRedisBudgetStore({ redis, limits: LIMITS, keyPrefix: "bench" });
    const throttles = createRedisThrottleStore({ redis, keyPrefix: "bench" });
    const pairOf = (amounts) => async (n) => {
      const id = `${amounts.length}.${n}`;
      const { reserved } = await budgets.reserve(id, amounts, OWNER);
      if (!reserved) throw new Error("not reserved");
      await budgets.commit(id, OWNER);
    };
    const take = async () => {
      const request = { key: "acme/k", rate: 1_000_000, burst: 1_000_000, windowMs: 1 };
      const [answer] = await throttles.take([request]);
      if (answer?.admitted !== true) throw new Error("not admitted");
    };
    const incr = await measure(async () => plain.incr("bench"), plain);
    const one = await measure(pairOf([{ scope: "calls", amount: 1 }]), plain);
    const four = await measure(
      pairOf([
        { scope: "calls", amount: 1 },
        { scope: "usd", amount: 5 },
      ]),
      plain,
    );
    const throttle = await measure(take, plain);
    const [account] = await budgets.accounts(OWNER);
    if (account?.reserved !== 0) throw new Error("something is left reserved");
    const ratioToIncr = Number(((2 * one.perSecond) / incr.perSecond).toFixed(2));
    console.log(
      JSON.stringify({
        name: `redis ${name}`,
        server: redis.state().detail.replace(/^\S+ /, ""),
        inFlight: IN_FLIGHT,
        pairsOneAccount: one,
        pairsFourAccounts: four,
        throttleTakes: throttle,
        incr,
        callsRatioToIncr: ratioToIncr,
      }),
    );
  } finally {
    plain.disconnect();
    await redis.close();
    await server.stop();
  }
}

await benchServer("in memory", {});
await benchServer("append-only, fsync each second", {
  args: ["--appendonly", "yes", "--appendfsync", "everysec"],
});
await benchServer("append-only, fsync always", { persistent: true });
