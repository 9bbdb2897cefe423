import type { HoldStatus, HoldStore, MaybePromise } from "@cortexos/kernel";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sampleApprover, sampleHold, samplePrincipal } from "./samples.ts";

/** Bounds under which the suite runs its stores. */
export const HOLD_SUITE_BOUNDS = { countMax: 4, bytesMax: 20_000, perRequesterMax: 2 } as const;

const APPROVERS = ["ann", "ben", "cat", "agent0"] as const;

type Step =
  | {
      readonly do: "park";
      readonly id: string;
      readonly requester: number;
      readonly quorum: number;
      readonly expiresAtNs: number;
    }
  | { readonly do: "approve" | "deny"; readonly id: string; readonly by: string }
  | { readonly do: "claim"; readonly id: string }
  | { readonly do: "tick"; readonly ns: number };

const idArb = fc.constantFrom("h0", "h1", "h2", "h3", "h4", "h5");
const stepArb: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant("park" as const),
    id: idArb,
    requester: fc.integer({ min: 0, max: 2 }),
    quorum: fc.integer({ min: 1, max: 3 }),
    expiresAtNs: fc.integer({ min: 1, max: 100 }),
  }),
  fc.record({
    do: fc.constantFrom("approve" as const, "approve" as const, "deny" as const),
    id: idArb,
    by: fc.constantFrom(...APPROVERS),
  }),
  fc.record({ do: fc.constant("claim" as const), id: idArb }),
  fc.record({ do: fc.constant("tick" as const), ns: fc.integer({ min: 0, max: 30 }) }),
);

/** A hold store under test, whose clock the suite sets. */
export interface HoldSubject {
  readonly store: HoldStore;
  readonly setNowNs: (nowNs: string) => void;
}

/** What every hold store does, under {@link HOLD_SUITE_BOUNDS}. Its clock begins at 0. */
export function describeHoldStore(
  name: string,
  createSubject: () => MaybePromise<HoldSubject>,
  { runCount = 200 }: { readonly runCount?: number } = {},
): void {
  const create = async (): Promise<HoldStore> => (await createSubject()).store;
  describe(`${name}`, () => {
    it("moves a hold as a naive model does, whatever comes in whatever order", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(stepArb, { maxLength: 80 }), async (steps) => {
          const { store, setNowNs } = await createSubject();
          const model = createModel();
          for (const step of steps) {
            const expected = model.apply(step);
            setNowNs(model.nowNs());
            expect(await applied(store, step, model.nowNs())).toEqual(expected);
            expect((await store.list(100)).map(({ id, status }) => [id, status])).toEqual(model.open());
          }
        }),
        { numRuns: runCount },
      );
    });

    it("G109: releases once, however many claim at once", async () => {
      const store = await create();
      await store.park(sampleHold("h"));
      await store.approve("h", sampleApprover("ann"), "1");
      const claims = await Promise.all(Array.from({ length: 16 }, async () => store.claimRelease("h")));
      expect(claims.filter(Boolean)).toHaveLength(1);
      expect((await store.get("h"))?.status).toBe("released");
    });

    it("is not changed by who holds the parked bytes", async () => {
      const store = await create();
      const payload = Buffer.from([1, 2, 3]);
      await store.park(sampleHold("h", { payload }));
      payload.fill(9);
      expect((await store.get("h"))?.message.payload).toEqual(new Uint8Array([1, 2, 3]));
    });

    it("ignores approvals that a parked hold claims to have", async () => {
      const store = await create();
      await store.park({
        ...sampleHold("h", { quorum: 2 }),
        approvals: [{ by: "mallory", atNs: "0" }],
        status: "approved",
      });
      expect(await store.claimRelease("h")).toBe(false);
      expect(await store.approve("h", sampleApprover("ann"), "1")).toMatchObject({
        ok: true,
        hold: { status: "waiting" },
      });
    });

    it.each([
      ["the requester itself", sampleApprover("agent"), "approval.requester"],
      ["one that the requester acts for", sampleApprover("owner"), "approval.requester"],
      ["one that acts for the requester", sampleApprover("helper", { on_behalf_of: "agent" }), "approval.requester"],
      ["an agent", sampleApprover("bot", { kind: "agent" }), "approval.role"],
      ["a human without the role", samplePrincipal("dan", { kind: "human", roles: ["approve"] }), "approval.role"],
      ["a human of another tenant", sampleApprover("eve", { tenant: "other" }), "approval.role"],
    ] as const)("G112: lets no verdict come from %s", async (_, by, code) => {
      const store = await create();
      await store.park(sampleHold("h", { requester: samplePrincipal("agent", { on_behalf_of: "owner" }) }));
      expect(await store.approve("h", by, "1")).toMatchObject({ ok: false, code });
      expect(await store.deny("h", by, "1")).toMatchObject({ ok: false, code });
      expect((await store.get("h"))?.status).toBe("waiting");
    });

    it("is full by bytes too, and has room again after an end", async () => {
      const store = await create();
      const big = new Uint8Array(12_000);
      expect(await store.park(sampleHold("h0", { payload: big }))).toBe("parked");
      expect(await store.park(sampleHold("h1", { payload: big }))).toBe("full");
      await store.deny("h0", sampleApprover("ann"), "1");
      expect(await store.park(sampleHold("h1", { payload: big }))).toBe("parked");
    });

    it.each([0, -1, 1.5, Number.NaN])("refuses terms with a quorum of %s", async (quorum) => {
      const park = async (): Promise<unknown> => (await create()).park(sampleHold("h", { quorum }));
      await expect(park()).rejects.toMatchObject({ code: "hold.terms" });
    });

    it("lists the oldest first and no more than asked", async () => {
      const store = await create();
      for (const id of ["h0", "h1", "h2"]) await store.park(sampleHold(id, { requester: samplePrincipal(id) }));
      expect((await store.list(2)).map(({ id }) => id)).toEqual(["h0", "h1"]);
      expect(await store.list(0)).toEqual([]);
    });
  });
}

async function applied(store: HoldStore, step: Step, nowNs: string): Promise<unknown> {
  switch (step.do) {
    case "park": {
      const { id, quorum, requester } = step;
      const hold = sampleHold(id, {
        quorum,
        requester: samplePrincipal(`agent${requester}`),
        expiresAtNs: String(step.expiresAtNs),
      });
      try {
        return await store.park(hold);
      } catch (reason) {
        return reason instanceof Error && "code" in reason ? reason.code : reason;
      }
    }
    case "approve":
    case "deny": {
      const by = sampleApprover(step.by);
      const change = await (step.do === "approve" ? store.approve(step.id, by, nowNs) : store.deny(step.id, by, nowNs));
      return change.ok ? change.hold.status : change.code;
    }
    case "claim":
      return store.claimRelease(step.id);
    case "tick":
      return (await store.expire(nowNs)).map(({ id }) => id).toSorted();
  }
}

interface ModelHold {
  readonly requester: string;
  readonly quorum: number;
  readonly expiresAtNs: number;
  readonly by: Set<string>;
  status: HoldStatus;
}

/** The naive reference: all holds ever, in order, each with its status. */
function createModel(): { apply(step: Step): unknown; open(): unknown; nowNs(): string } {
  const holds = new Map<string, ModelHold>();
  let nowNs = 0;
  const isOpen = ({ status }: ModelHold): boolean => status === "waiting" || status === "approved";
  const park = (step: Extract<Step, { do: "park" }>): unknown => {
    if (holds.has(step.id)) return "hold.exists";
    const open = [...holds.values()].filter(isOpen);
    const requester = `agent${step.requester}`;
    const ofRequester = open.filter((hold) => hold.requester === requester);
    if (open.length >= HOLD_SUITE_BOUNDS.countMax || ofRequester.length >= HOLD_SUITE_BOUNDS.perRequesterMax)
      return "full";
    holds.set(step.id, { ...step, requester, by: new Set(), status: "waiting" });
    return "parked";
  };
  const judge = (verdict: "approve" | "deny", id: string, by: string): unknown => {
    const hold = holds.get(id);
    if (hold === undefined) return "approval.unknown";
    if (hold.status === "approved" && verdict === "approve") return "approval.not_waiting";
    if (!isOpen(hold)) return "approval.not_waiting";
    if (hold.status === "waiting" && nowNs >= hold.expiresAtNs) return "approval.expired";
    if (by === hold.requester) return "approval.requester";
    if (verdict === "deny") return (hold.status = "denied");
    if (hold.by.has(by)) return "approval.repeated";
    hold.by.add(by);
    return (hold.status = hold.by.size >= hold.quorum ? "approved" : "waiting");
  };
  const tick = (ns: number): unknown => {
    nowNs += ns;
    const expired = [...holds].filter(([, hold]) => hold.status === "waiting" && nowNs >= hold.expiresAtNs);
    for (const [, hold] of expired) hold.status = "expired";
    return expired.map(([id]) => id).toSorted();
  };
  return {
    nowNs: () => String(nowNs),
    open: () => [...holds].filter(([, hold]) => isOpen(hold)).map(([id, hold]) => [id, hold.status]),
    apply(step) {
      switch (step.do) {
        case "park":
          return park(step);
        case "approve":
        case "deny":
          return judge(step.do, step.id, step.by);
        case "claim": {
          const hold = holds.get(step.id);
          if (hold?.status !== "approved") return false;
          hold.status = "released";
          return true;
        }
        case "tick":
          return tick(step.ns);
      }
    },
  };
}
