import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createGate } from "./gate.ts";
import { benchOf, charged, never, now } from "./testing/bench.ts";
import {
  allow,
  CALLER,
  createBudgets,
  createHolds,
  createSink,
  createThrottles,
  createTime,
  messageOf,
  policyOf,
  requireHuman,
  throttle,
} from "./testing/fakes.ts";

/** A promise whose rejection Node doesn't report: the answer of a synchronous port is never awaited. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

describe("whatever goes wrong", () => {
  const hostileProxy = new Proxy({}, { get: never, has: never, ownKeys: never, getPrototypeOf: never });
  const broken = fc.oneof(
    fc.anything({ withNullPrototype: true, maxDepth: 2 }).map((thrown) => () => {
      throw thrown;
    }),
    fc.anything({ withNullPrototype: true, maxDepth: 2 }).map((reason) => () => quiet(Promise.reject(reason))),
    fc.anything({ withNullPrototype: true, maxDepth: 2 }).map((value) => () => value),
    fc.constantFrom<(() => unknown)[]>(
      () => hostileProxy,
      never,
      () => quiet(Promise.resolve(hostileProxy)),
      // oxlint-disable-next-line unicorn/no-thenable -- a hostile thenable is what is tested
      () => ({ then: never }),
      () => [hostileProxy],
    ),
  );
  const place = fc.constantFrom("take", "reserve", "park", "current", "evaluate", "state", "append-reject", "clock");

  it("never becomes a release", async () => {
    await fc.assert(
      fc.asyncProperty(place, broken, async (where, run) => {
        const policy = policyOf(() => [charged, throttle(), ...(where === "park" ? [requireHuman()] : [])]);
        const time = createTime();
        const throttles = createThrottles(time);
        const budgets = createBudgets(10);
        const ports = {
          policies: {
            current: where === "current" ? run : () => (where === "evaluate" ? { ...policy, evaluate: run } : policy),
          },
          clock: where === "clock" ? { nowNs: run } : time,
          timers: time,
          records: where === "append-reject" ? { append: () => Promise.reject(run) } : createSink(),
          origin: { writer: "w", epoch: 1 },
          throttles: where === "take" ? { take: run } : throttles,
          budgets: {
            ...budgets,
            ...(where === "reserve" ? { reserve: run } : {}),
            ...(where === "state" ? { state: run } : {}),
          },
          holds: { ...createHolds(), ...(where === "park" ? { park: run } : {}) },
          onFault: never,
        };
        // @ts-expect-error -- ports that break their contracts
        const gate = createGate(ports);
        const result = await gate.submit(messageOf({ a: 1 }), CALLER);
        // A state that is plain data is a state, whatever it says; everything else here must be refused.
        const isHarmless = where === "state" && result.kind === "release";
        expect(isHarmless || result.kind === "refuse").toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it("refuses a message or caller that can't be read", async () => {
    const { faults, gate } = benchOf(policyOf(() => [allow()]));
    // @ts-expect-error -- not a message
    expect(await gate.submit(hostileProxy, CALLER)).toMatchObject({
      kind: "refuse",
      decision: { rule_ids: ["kernel.error"] },
    });
    // @ts-expect-error -- not a caller
    expect(await gate.submit(messageOf({}), hostileProxy)).toMatchObject({
      kind: "refuse",
      decision: { rule_ids: ["kernel.error"] },
    });
    expect(faults).toHaveLength(2);
  });

  it("goes on with decisions that need nothing of what is away", () => {
    const away = { take: never };
    const { gate } = benchOf(
      policyOf(() => [allow()], { reads: ["/message"] }),
      {
        throttles: away,
        budgets: { reserve: never, commit: never, void: never, state: never },
      },
    );
    expect(now(gate.submit(messageOf({}), CALLER)).kind).toBe("release");
  });
});
