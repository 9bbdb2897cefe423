import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLatencyHistogram } from "./latency-histogram.ts";

describe("createLatencyHistogram", () => {
  it("counts into the first bucket whose bound isn't passed, cumulatively", () => {
    const histogram = createLatencyHistogram("x_seconds", "A test");
    for (const seconds of [0.000_01, 0.000_011, 0.3, 7]) histogram.observe(seconds);
    const lines = histogram.text().split("\n");
    expect(lines.slice(0, 2)).toEqual(["# HELP x_seconds A test", "# TYPE x_seconds histogram"]);
    expect(lines).toEqual(
      expect.arrayContaining([
        'x_seconds_bucket{le="0.00001"} 1',
        'x_seconds_bucket{le="0.000025"} 2',
        'x_seconds_bucket{le="0.25"} 2',
        'x_seconds_bucket{le="0.5"} 3',
        'x_seconds_bucket{le="5"} 3',
        'x_seconds_bucket{le="+Inf"} 4',
        "x_seconds_count 4",
        "x_seconds_sum 7.300021",
      ]),
    );
    expect(lines.at(-1)).toBe("");
  });

  it("never counts less in a wider bucket", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 10, noNaN: true })), (all) => {
        const histogram = createLatencyHistogram("x_seconds", "");
        for (const seconds of all) histogram.observe(seconds);
        const counts = [...histogram.text().matchAll(/_bucket\{.*\} (\d+)/g)].map((match) => Number(match[1]));
        expect(counts).toEqual(counts.toSorted((a, b) => a - b));
        expect(counts.at(-1)).toBe(all.length);
      }),
    );
  });
});
