import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createClientRate } from "./client-rate.ts";
import { createFakeClock } from "./fake-clock.test.support.ts";

function create() {
  const clock = createFakeClock();
  return { clock, rate: createClientRate({ operationsPerSecondMax: 100, refusalsPerSecondMax: 10 }, clock) };
}

describe("createClientRate", () => {
  it("lets a second's worth be done at once, and the next after a rest", () => {
    const { clock, rate } = create();
    for (let i = 0; i < 100; i++) rate.operated();
    expect(rate.restMs()).toBe(0);
    rate.operated();
    expect(rate.restMs()).toBeCloseTo(10);
    clock.pass(10);
    expect(rate.restMs()).toBeCloseTo(0);
  });

  it("counts both kinds, each at its own rate", () => {
    const { rate } = create();
    for (let i = 0; i < 50; i++) rate.operated();
    for (let i = 0; i < 5; i++) rate.refused();
    expect(rate.restMs()).toBe(0);
    rate.refused();
    expect(rate.restMs()).toBeCloseTo(100);
  });

  it("saves up no more than a second's worth", () => {
    const { clock, rate } = create();
    rate.refused();
    clock.pass(60_000);
    for (let i = 0; i < 11; i++) rate.refused();
    expect(rate.restMs()).toBeCloseTo(100);
  });

  it("never lets more through than its rate and one burst, whenever it is asked", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 50 }), (gapsMs) => {
        const { clock, rate } = create();
        let doneCount = 0;
        for (const gapMs of gapsMs) {
          while (rate.restMs() === 0) {
            rate.operated();
            doneCount++;
          }
          clock.pass(gapMs);
        }
        // One is always begun before the rest is due.
        expect(doneCount).toBeLessThanOrEqual(100 + clock.nowMs() / 10 + 1);
      }),
    );
  });
});
