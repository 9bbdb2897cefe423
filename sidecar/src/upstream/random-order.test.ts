import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomOrder } from "./random-order.ts";

describe("randomOrder", () => {
  it("keeps every item and adds none", () => {
    const ascending = (items: readonly number[]): readonly number[] => items.toSorted((a, b) => a - b);
    fc.assert(
      fc.property(fc.array(fc.nat()), (items) => {
        expect(ascending(randomOrder(items))).toEqual(ascending(items));
      }),
    );
  });

  it("begins with each of them sooner or later", () => {
    const firsts = new Set(Array.from({ length: 1_000 }, () => randomOrder(["a", "b", "c"])[0]));
    expect(firsts).toEqual(new Set(["a", "b", "c"]));
  });
});
