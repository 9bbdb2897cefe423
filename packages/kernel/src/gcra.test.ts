import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gcraStep, isGcraLimit, type GcraLimit, type GcraState } from "./gcra.ts";

const limit = fc.record({
  rate: fc.integer({ min: 1, max: 50 }),
  burst: fc.integer({ min: 1, max: 20 }),
  windowMs: fc.integer({ min: 1, max: 5000 }),
});
const gapsUs = fc.array(fc.oneof(fc.nat(100), fc.nat(1_000_000)), { minLength: 1, maxLength: 80 });

/** Times at which tries are admitted. */
function admittedAt(bucket: GcraLimit, times: readonly number[]): readonly number[] {
  let state: GcraState | undefined;
  return times.filter((now) => {
    const step = gcraStep(bucket, state, now);
    if (step.admitted) ({ state } = step);
    return step.admitted;
  });
}

function timesOf(gaps: readonly number[]): readonly number[] {
  let now = 1_700_000_000_000_000;
  return gaps.map((gap) => (now += gap));
}

describe("gcraStep", () => {
  it("admits at most burst + rate * w in any window of w", () => {
    fc.assert(
      fc.property(limit, gapsUs, (bucket, gaps) => {
        const admitted = admittedAt(bucket, timesOf(gaps));
        for (const [i, from] of admitted.entries()) {
          for (const [more, to] of admitted.slice(i).entries()) {
            const most = bucket.burst + (bucket.rate * (to - from)) / (bucket.windowMs * 1000);
            expect(more + 1).toBeLessThanOrEqual(Math.floor(most));
          }
        }
      }),
    );
  });

  it("says exactly when the next try is admitted", () => {
    fc.assert(
      fc.property(limit, gapsUs, (bucket, gaps) => {
        let state: GcraState | undefined;
        for (const now of timesOf(gaps)) {
          const step = gcraStep(bucket, state, now);
          const later = now + step.retryAfterMs * 1000;
          expect(gcraStep(bucket, state, later).admitted).toBe(true);
          expect(step.admitted || !gcraStep(bucket, state, later - 1000).admitted).toBe(true);
          ({ state } = step);
        }
      }),
    );
  });

  it("says exactly how many more are admitted now", () => {
    fc.assert(
      fc.property(limit, gapsUs, (bucket, gaps) => {
        let state: GcraState | undefined;
        for (const now of timesOf(gaps)) ({ state } = gcraStep(bucket, state, now));
        const now = state?.atUs ?? 0;
        const { admitted, remaining, state: after } = gcraStep(bucket, state, now);
        let more = 0;
        for (let next = gcraStep(bucket, after, now); next.admitted; next = gcraStep(bucket, next.state, now)) more++;
        expect(more).toBe(admitted ? remaining : 0);
      }),
    );
  });

  it("starts with the whole burst and has it again after a silence, however long", () => {
    fc.assert(
      fc.property(limit, fc.nat(), (bucket, extra) => {
        const start = 1_000_000;
        const burst = Array.from({ length: bucket.burst + 1 }, () => start);
        expect(admittedAt(bucket, burst)).toHaveLength(bucket.burst);
        const silence = Math.ceil((bucket.burst * bucket.windowMs * 1000) / bucket.rate) + extra;
        expect(admittedAt(bucket, [...burst, ...burst.map((now) => now + silence)])).toHaveLength(2 * bucket.burst);
      }),
    );
  });

  it("grants nothing when the clock steps back", () => {
    const bucket = { rate: 1, burst: 1, windowMs: 1000 };
    const { state } = gcraStep(bucket, undefined, 10_000_000);
    const back = gcraStep(bucket, state, 5_000_000);
    expect(back).toMatchObject({ admitted: false, retryAfterMs: 6000 });
    expect(gcraStep(bucket, back.state, 10_999_999).admitted).toBe(false);
    expect(gcraStep(bucket, back.state, 11_000_000).admitted).toBe(true);
  });

  it("keeps safe integers when the clock falls back to its beginning", () => {
    const bucket = { rate: 1000, burst: 1, windowMs: 1000 };
    const { state } = gcraStep(bucket, undefined, 1_700_000_000_000_000);
    expect(Number.isSafeInteger(gcraStep(bucket, state, 0).state.debt)).toBe(true);
  });

  it("keeps only safe integers", () => {
    fc.assert(
      fc.property(limit, gapsUs, (bucket, gaps) => {
        let state: GcraState | undefined;
        for (const now of timesOf(gaps)) ({ state } = gcraStep(bucket, state, now));
        expect(Number.isSafeInteger(state?.debt)).toBe(true);
      }),
    );
  });
});

describe("isGcraLimit", () => {
  it.each([
    [{ rate: 1, burst: 1, windowMs: 1 }, true],
    [{ rate: 0, burst: 1, windowMs: 1 }, false],
    [{ rate: 1, burst: -1, windowMs: 1 }, false],
    [{ rate: 1, burst: 1, windowMs: 0.5 }, false],
    [{ rate: 1, burst: Number.NaN, windowMs: 1 }, false],
    [{ rate: 1, burst: 1e9, windowMs: 1e9 }, false],
  ])("of %j is %s", (bucket, expected) => {
    expect(isGcraLimit(bucket)).toBe(expected);
  });
});
