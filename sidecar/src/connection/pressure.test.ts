import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPressure } from "./pressure.ts";

describe("createPressure", () => {
  it("is high from a bound on, and low again when half of both is free", () => {
    const told: boolean[] = [];
    const pressure = createPressure({ waitingCountMax: 4, waitingBytesMax: 100 }, (high) => told.push(high));
    for (let i = 0; i < 3; i++) pressure.enter(1);
    expect(told).toEqual([]);
    pressure.enter(1);
    pressure.enter(1);
    expect(told).toEqual([true]);
    pressure.leave(1);
    pressure.leave(1);
    expect(pressure.isHigh()).toBe(true);
    pressure.leave(1);
    expect(told).toEqual([true, false]);
    pressure.enter(98);
    expect(told).toEqual([true, false, true]);
    pressure.leave(98);
    expect(pressure.isHigh()).toBe(false);
  });

  it("is never high when nothing waits, and tells each change once", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50)), fc.nat(10), fc.nat(100), (sizes, waitingCountMax, waitingBytesMax) => {
        const told: boolean[] = [];
        const pressure = createPressure({ waitingCountMax, waitingBytesMax }, (high) => told.push(high));
        for (const bytes of sizes) pressure.enter(bytes);
        for (const bytes of sizes) pressure.leave(bytes);
        expect(pressure.isHigh()).toBe(false);
        expect(pressure.count()).toBe(0);
        expect(told.every((high, i) => high === (i % 2 === 0))).toBe(true);
      }),
    );
  });
});
