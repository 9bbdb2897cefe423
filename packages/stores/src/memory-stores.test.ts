import { describe, expect, it } from "vitest";
import { createMemoryBudgetStore } from "./memory-budget-store.ts";
import { CLAIM_MS_MAX, ENDED_HOLD_COUNT_MAX } from "./hold-terms.ts";
import { createMemoryHoldStore } from "./memory-hold-store.ts";
import { createMemoryRecordSink } from "./memory-record-sink.ts";
import { createMemoryThrottleStore } from "./memory-throttle-store.ts";
import { describeBudgetStore, SUITE_START_MS } from "./test/budget-store-suite.ts";
import { describeHoldStore, HOLD_SUITE_BOUNDS } from "./test/hold-store-suite.ts";
import { describeRecordSink } from "./test/record-sink-suite.ts";
import { THROTTLE_KEY_CHARS_MAX } from "./throttle-bounds.ts";
import { sampleApprover, sampleHold, sampleRecord } from "./test/samples.ts";
import { describeThrottleStore } from "./test/throttle-store-suite.ts";

describeThrottleStore("createMemoryThrottleStore", () => {
  let atUs = 0;
  return {
    store: createMemoryThrottleStore({ nowUs: () => atUs }),
    advanceUs: (us) => {
      atUs += us;
    },
  };
});

describeBudgetStore("createMemoryBudgetStore", (limits) => {
  let atMs = SUITE_START_MS;
  return {
    ledger: createMemoryBudgetStore({ limits, nowMs: () => atMs }),
    advanceMs: (ms) => {
      atMs += ms;
    },
  };
});

describeHoldStore("createMemoryHoldStore", () => ({
  store: createMemoryHoldStore(HOLD_SUITE_BOUNDS),
  // It has no clock of its own: its process is its only caller.
  setNowNs: () => undefined,
}));

describeRecordSink("createMemoryRecordSink", async () => {
  const sink = createMemoryRecordSink();
  return { sink, stored: async () => sink.recent() };
});

describe("createMemoryThrottleStore, full", () => {
  const request = (key: string) => ({ key, rate: 1, burst: 1, windowMs: 1_000 });

  it("admits no new key while every bucket is in use, and still serves the known ones", () => {
    let atUs = 0;
    const store = createMemoryThrottleStore({ bucketCountMax: 3, nowUs: () => atUs });
    for (const key of ["a", "b", "c"]) expect(store.take([request(key)])[0]?.admitted).toBe(true);
    expect(store.take([request("d")])[0]).toMatchObject({ admitted: false, remaining: 0 });
    expect(store.bucketCount()).toBe(3);
    atUs = 1_000_000;
    expect(store.take([request("a")])[0]?.admitted).toBe(true);
    expect(store.take([request("d")])[0]?.admitted).toBe(true);
    expect(store.bucketCount()).toBeLessThanOrEqual(3);
  });

  it("finds drained buckets behind ones that are still in use", () => {
    let atUs = 0;
    const store = createMemoryThrottleStore({ bucketCountMax: 200, nowUs: () => atUs });
    for (let i = 0; i < 199; i++) store.take([{ ...request(`busy${i}`), windowMs: 1_000_000 }]);
    store.take([request("short")]);
    atUs = 2_000_000;
    const tries = Array.from({ length: 4 }, () => store.take([request("new")])[0]?.admitted);
    expect(tries).toContain(true);
  });

  it("never grows past its bound, whatever keys come", () => {
    const store = createMemoryThrottleStore({ bucketCountMax: 10, nowUs: () => 0 });
    for (let i = 0; i < 1_000; i++) store.take([request(`${i}`), request(`${i}+`)]);
    expect(store.bucketCount()).toBeLessThanOrEqual(10);
  });

  it("admits nothing under a key that is too long to keep", () => {
    const store = createMemoryThrottleStore();
    expect(store.take([request("k".repeat(THROTTLE_KEY_CHARS_MAX + 1))])[0]?.admitted).toBe(false);
    expect(store.bucketCount()).toBe(0);
  });
});

describe("createMemoryBudgetStore", () => {
  const owner = { tenant: "acme", agent: "agent", run: "1" };

  it("reserves no more than it can keep", () => {
    const store = createMemoryBudgetStore({ limits: [{ scope: "a", limit: 10 }], reservationCountMax: 2 });
    const reserve = (id: string) => store.reserve(id, [{ scope: "a", amount: 1 }], owner).reserved;
    expect(["1", "2", "3"].map(reserve)).toEqual([true, true, false]);
    store.void("1", owner);
    expect(reserve("3")).toBe(true);
  });

  it.each([
    [{ scope: "a", limit: -1 }],
    [{ scope: "a", limit: 0.5 }],
    [{ scope: "a", limit: 1, windowMs: 0 }],
    [{ scope: "a", limit: 1, windowMs: 0.5 }],
    [
      { scope: "a", limit: 1 },
      { scope: "a", limit: 2, per: "tenant" as const },
    ],
  ])("refuses limits that make no sense: %o", (...limits) => {
    expect(() => createMemoryBudgetStore({ limits })).toThrow(expect.objectContaining({ code: "budget.limits" }));
  });

  it("keeps no more accounts than it may, and forgets those that hold nothing", () => {
    let atMs = SUITE_START_MS;
    const limits = [{ scope: "a", limit: 10, per: "run" as const, windowMs: 1_000 }];
    const store = createMemoryBudgetStore({ limits, accountCountMax: 3, nowMs: () => atMs });
    const spend = (run: string): boolean => {
      const { reserved } = store.reserve(`r${run}`, [{ scope: "a", amount: 1 }], { ...owner, run });
      if (reserved) store.commit(`r${run}`, { ...owner, run });
      return reserved;
    };
    expect(["1", "2", "3", "4"].map(spend)).toEqual([true, true, true, false]);
    atMs += 1_000;
    expect(["5", "6"].map(spend)).toEqual([true, true]);
  });

  it("takes the smaller of two limits for one account", () => {
    const limits = [
      { scope: "a", limit: 10 },
      { scope: "a", limit: 4, tenant: "acme" },
    ];
    const store = createMemoryBudgetStore({ limits });
    expect(store.accounts(owner)).toMatchObject([{ limit: 4, remaining: 4 }]);
    expect(store.reserve("r", [{ scope: "a", amount: 5 }], owner)).toEqual({ reserved: false, scope: "a" });
    expect(store.reserve("r", [{ scope: "a", amount: 5 }], { ...owner, tenant: "other" }).reserved).toBe(true);
  });
});

describe("createMemoryHoldStore, over time", () => {
  it("gives up an approved hold that nobody claims", () => {
    const store = createMemoryHoldStore();
    store.park(sampleHold("h", { expiresAtNs: "1000" }));
    store.approve("h", sampleApprover("ann"), "1");
    expect(store.expire("1000")).toEqual([]);
    expect(store.expire(String(1_000 + CLAIM_MS_MAX * 1_000_000))).toMatchObject([{ id: "h", status: "expired" }]);
    expect(store.claimRelease("h")).toBe(false);
    expect(store.size()).toEqual({ count: 0, bytes: 0 });
  });

  it("forgets the oldest ended holds", () => {
    const store = createMemoryHoldStore();
    for (let i = 0; i <= ENDED_HOLD_COUNT_MAX; i++) {
      store.park(sampleHold(`h${i}`));
      store.deny(`h${i}`, sampleApprover("ann"), "1");
    }
    expect(store.get("h0")).toBeUndefined();
    expect(store.get("h1")?.status).toBe("denied");
  });
});

describe("createMemoryRecordSink", () => {
  it("keeps the latest and counts what it forgot as lost", () => {
    const sink = createMemoryRecordSink({ countMax: 3 });
    for (let n = 1; n <= 5; n++) sink.append(sampleRecord(n));
    expect(sink.recent().map((record) => record.record_id)).toEqual(["w/e/3", "w/e/4", "w/e/5"]);
    expect(sink.recent(1).map((record) => record.record_id)).toEqual(["w/e/5"]);
    expect(sink.recent(0)).toEqual([]);
    expect(sink.counters()).toMatchObject({ appendedCount: 5, lostCount: 2 });
  });
});
