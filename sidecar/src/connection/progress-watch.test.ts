import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFakeClock, type FakeClock } from "./fake-clock.test.support.ts";
import { createProgressWatch, type ProgressWatch } from "./progress-watch.ts";

interface Watched {
  readonly clock: FakeClock;
  readonly watch: ProgressWatch;
  readonly lateAtMs: number[];
  mark: number;
  heldMs: number;
}

function watched(limitMs = 100): Watched {
  const clock = createFakeClock();
  const lateAtMs: number[] = [];
  const state = { clock, lateAtMs, mark: 0, heldMs: 0 };
  const watch = createProgressWatch({
    clock,
    limitMs,
    mark: () => state.mark,
    heldMs: () => state.heldMs,
    late: () => lateAtMs.push(clock.nowMs()),
  });
  return Object.assign(state, { watch });
}

describe("createProgressWatch", () => {
  it("tells once when one thing lasts longer than its limit", () => {
    const on = watched();
    on.clock.pass(50);
    on.mark = 1;
    on.watch.look();
    on.clock.pass(99);
    on.watch.look();
    expect(on.lateAtMs).toEqual([]);
    on.clock.pass(1_000);
    expect(on.lateAtMs).toEqual([150]);
    expect(on.clock.timerCount()).toBe(0);
  });

  it("counts each thing from its own beginning, with one timer for all", () => {
    const on = watched();
    for (let i = 1; i <= 10; i++) {
      on.mark = i;
      on.watch.look();
      expect(on.clock.timerCount()).toBe(1);
      on.clock.pass(60);
    }
    expect(on.lateAtMs).toEqual([]);
    on.clock.pass(40);
    expect(on.lateAtMs).toEqual([640]);
  });

  it("waits for nothing when there is nothing", () => {
    const on = watched();
    on.mark = 1;
    on.watch.look();
    on.mark = 0;
    on.watch.look();
    on.clock.pass(1_000);
    on.watch.look();
    expect([on.lateAtMs, on.clock.timerCount()]).toEqual([[], 0]);
  });

  it.each([
    ["as late as it was held", 60, 160],
    ["an eighth of the limit later at least, so that a long hold is no storm of timers", 1, 112.5],
  ])("doesn't count the time that was held, and tells %s", (_, heldMs, atMs) => {
    const on = watched();
    on.mark = 1;
    on.watch.look();
    on.clock.pass(40);
    on.heldMs = heldMs;
    on.clock.pass(atMs - 41);
    expect(on.lateAtMs).toEqual([]);
    on.clock.pass(100);
    expect(on.lateAtMs).toEqual([atMs]);
  });

  it("tells nothing after its end", () => {
    const on = watched();
    on.mark = 1;
    on.watch.look();
    on.watch.end();
    on.mark = 2;
    on.watch.look();
    on.clock.pass(1_000);
    expect([on.lateAtMs, on.clock.timerCount()]).toEqual([[], 0]);
  });

  it("is never early, and at most twice the limit late when nobody looks", () => {
    const step = fc.record({ passMs: fc.integer({ min: 1, max: 90 }), isNew: fc.boolean(), isSeen: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
        const on = watched();
        let sinceMs = 0;
        on.mark = 1;
        on.watch.look();
        for (const { passMs, isNew, isSeen } of steps) {
          on.clock.pass(passMs);
          if (on.lateAtMs.length > 0) break;
          if (isNew) {
            on.mark++;
            sinceMs = on.clock.nowMs();
          }
          if (isSeen) on.watch.look();
        }
        if (on.lateAtMs.length === 0) on.clock.pass(1_000);
        expect(on.lateAtMs).toHaveLength(1);
        expect(on.lateAtMs[0]).toBeGreaterThanOrEqual(sinceMs + 100);
        expect(on.lateAtMs[0]).toBeLessThanOrEqual(sinceMs + 200);
      }),
    );
  });
});
