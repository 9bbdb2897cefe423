import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinLabels, LABELS_OVERFLOW, readLabels } from "./flow-labels.ts";
import { LABEL_COUNT_MAX } from "./limits.ts";

describe("joinLabels", () => {
  it("never loses a label, is sorted, and says when it couldn't keep one", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.string({ maxLength: 70 }), { maxLength: 40 }), { maxLength: 6 }), (steps) => {
        let labels: readonly string[] = [];
        for (const added of steps) {
          const before = labels;
          labels = joinLabels(labels, added);
          expect(before.every((label) => labels.includes(label))).toBe(true);
          const isKept = added.every((label) => labels.includes(label));
          expect(isKept || labels.includes(LABELS_OVERFLOW)).toBe(true);
        }
        expect(labels).toEqual([...new Set(labels)].sort());
        expect(labels.length).toBeLessThanOrEqual(LABEL_COUNT_MAX + 1);
      }),
    );
  });

  it("is the same array when nothing is new", () => {
    const labels = ["a", "b"];
    expect(joinLabels(labels, ["b", "a"])).toBe(labels);
  });
});

describe("readLabels", () => {
  it.each([
    ["a,b", ["a", "b"]],
    [" a , , b ", ["a", "b"]],
    ["", []],
  ])("reads %j", (value, labels) => {
    expect(readLabels(value)).toEqual(labels);
  });
});
