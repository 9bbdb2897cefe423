import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createConnectionPace } from "./connection-pace.ts";
import { createFakeClock } from "./fake-clock.test.support.ts";

describe("createConnectionPace", () => {
  it("lets ten seconds' worth come at once, and then one after the other", () => {
    const clock = createFakeClock();
    const pace = createConnectionPace(10, clock);
    const waits = Array.from({ length: 103 }, () => pace.next());
    expect(waits.slice(0, 100).every((waitMs) => waitMs === 0)).toBe(true);
    expect(waits.slice(100)).toEqual([100, 200, 300]);
    clock.pass(250);
    expect(pace.next()).toBe(150);
  });

  it("lets no more begin than its rate and one burst", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 300 }), (gapsMs) => {
        const clock = createFakeClock();
        const pace = createConnectionPace(10, clock);
        const beginMs = gapsMs.map((gapMs) => {
          clock.pass(gapMs);
          return clock.nowMs() + pace.next();
        });
        for (const [i, atMs] of beginMs.entries()) expect(i + 1).toBeLessThanOrEqual(100 + atMs / 100 + 1e-6);
      }),
    );
  });
});
