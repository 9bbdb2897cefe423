import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPressure, type PressureShare } from "./pressure.ts";

describe("createPressure", () => {
  it("presses who fills a bound, until half of that is free", () => {
    const told: boolean[] = [];
    const share = createPressure({ waitingCountMax: 4, waitingBytesMax: 100 }).join((pressed) => told.push(pressed));
    for (let i = 0; i < 3; i++) share.enter(1);
    expect(told).toEqual([]);
    share.enter(1);
    share.enter(1);
    expect(told).toEqual([true]);
    share.leave(1);
    share.leave(1);
    share.leave(1);
    expect(told).toEqual([true]);
    share.leave(1);
    expect(told).toEqual([true, false]);
    share.enter(99);
    expect(told).toEqual([true, false, true]);
    share.leave(99);
    expect(told).toEqual([true, false, true, false]);
  });

  it("leaves alone whoever holds less than an equal share, however much the others hold", () => {
    const pressure = createPressure({ waitingCountMax: 100, waitingBytesMax: 1_000 });
    const told: string[] = [];
    const join = (name: string): PressureShare => pressure.join((pressed) => told.push(`${name} ${String(pressed)}`));
    const [big, small] = [join("big"), join("small")];
    for (let i = 0; i < 10; i++) big.enter(100);
    small.enter(1);
    small.leave(1);
    small.enter(400);
    expect(told).toEqual(["big true"]);
    expect(pressure.count()).toBe(11);
  });

  it("presses nobody of whom nothing waits, tells each change once, and lets no more than twice the bound in", () => {
    const stepArb = fc.record({ who: fc.nat(4), bytes: fc.integer({ min: 0, max: 60 }), leaves: fc.boolean() });
    fc.assert(
      fc.property(fc.array(stepArb, { maxLength: 200 }), fc.integer({ min: 1, max: 300 }), (steps, waitingBytesMax) => {
        const pressure = createPressure({ waitingCountMax: 1_000, waitingBytesMax });
        const connections = Array.from({ length: 5 }, () => {
          const told: boolean[] = [];
          return { told, waiting: [] as number[], share: pressure.join((pressed) => told.push(pressed)) };
        });
        for (const { who, bytes, leaves } of steps) {
          const { share, told, waiting } = connections[who] ?? never();
          const first = leaves ? waiting.shift() : undefined;
          if (first !== undefined) share.leave(first);
          else if (!leaves && told.at(-1) !== true) {
            waiting.push(bytes);
            share.enter(bytes);
          }
          const held = connections.flatMap((connection) => connection.waiting);
          expect(pressure.count()).toBe(held.length);
          // A message of 60 bytes may come on top for each.
          expect(held.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(2 * waitingBytesMax + 5 * 60);
        }
        for (const { share, told, waiting } of connections) {
          for (const bytes of waiting) share.leave(bytes);
          expect(told.every((pressed, i) => pressed === (i % 2 === 0))).toBe(true);
          expect(told.at(-1) ?? false).toBe(false);
        }
      }),
    );
  });
});

function never(): never {
  throw new Error("no such connection");
}
