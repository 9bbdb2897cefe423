import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRecentMap } from "./recent-map.ts";

describe("createRecentMap", () => {
  it("gives what was set last, or nothing, and always the newest", () => {
    const step = fc.record({ key: fc.constantFrom("a", "b", "c", "d", "e", "f", "g"), value: fc.option(fc.nat()) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const map = createRecentMap<number>(3);
        const model = new Map<string, number>();
        const used: string[] = [];
        for (const { key, value } of steps) {
          if (value !== null) {
            map.set(key, value);
            model.set(key, value);
          }
          const found = map.get(key);
          const isRecent = new Set(used.slice(used.lastIndexOf(key))).size <= 3 && used.includes(key);
          expect(found === model.get(key) || (found === undefined && !isRecent && value === null)).toBe(true);
          if (found !== undefined) used.push(key);
        }
      }),
    );
  });

  it("keeps at most twice its count", () => {
    const map = createRecentMap<number>(10);
    for (let i = 0; i < 1_000; i++) map.set(String(i), i);
    const kept = Array.from({ length: 1_000 }, (_, i) => i).filter((i) => map.get(String(i)) !== undefined);
    expect(kept.length).toBeLessThanOrEqual(20);
    expect(kept).toContain(999);
  });
});
