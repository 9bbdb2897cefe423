import type { MaybePromise, ThrottleRequest, ThrottleStore } from "@cortexos/kernel";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

/** A store under test whose clock the suite moves. */
export interface ThrottleSubject {
  readonly store: ThrottleStore;
  readonly advanceUs: (us: number) => void;
}

const limitArb = fc.record({
  rate: fc.integer({ min: 1, max: 20 }),
  burst: fc.integer({ min: 1, max: 10 }),
  windowMs: fc.integer({ min: 1, max: 1_000 }),
});

/** What every throttle store does. */
export function describeThrottleStore(name: string, create: () => MaybePromise<ThrottleSubject>): void {
  describe(`${name}`, () => {
    it("admits at most burst + rate × time in every stretch of time", async () => {
      const gapsArb = fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 60 });
      await fc.assert(
        fc.asyncProperty(limitArb, gapsArb, async (limit, gapsUs) => {
          const { store, advanceUs } = await create();
          const admittedAtUs: number[] = [];
          let atUs = 0;
          for (const gapUs of gapsUs) {
            advanceUs(gapUs);
            atUs += gapUs;
            const [answer] = await store.take([{ key: "k", ...limit }]);
            if (answer?.admitted === true) admittedAtUs.push(atUs);
          }
          for (const [from, startUs] of admittedAtUs.entries()) {
            for (const [to, endUs] of admittedAtUs.entries()) {
              if (to < from) continue;
              const granted = limit.burst + (limit.rate * (endUs - startUs)) / (limit.windowMs * 1_000);
              expect(to - from + 1).toBeLessThanOrEqual(granted);
            }
          }
        }),
      );
    });

    it("admits the burst, then one again after the time it tells, and none before", async () => {
      await fc.assert(
        fc.asyncProperty(limitArb, async (limit) => {
          const { store, advanceUs } = await create();
          const request = { key: "k", ...limit };
          for (let left = limit.burst - 1; left >= 0; left--) {
            expect(await store.take([request])).toEqual([{ admitted: true, retryAfterMs: 0, remaining: left }]);
          }
          const [refused] = await store.take([request]);
          expect(refused).toMatchObject({ admitted: false, remaining: 0 });
          const retryAfterMs = refused?.retryAfterMs ?? 0;
          expect(retryAfterMs).toBeGreaterThan(0);
          // Told in whole milliseconds, rounded up: one less is too early.
          advanceUs((retryAfterMs - 1) * 1_000);
          expect((await store.take([request]))[0]?.admitted).toBe(false);
          advanceUs(1_000);
          expect((await store.take([request]))[0]?.admitted).toBe(true);
        }),
      );
    });

    it("takes from every bucket or from none", async () => {
      const { store } = await create();
      const wide: ThrottleRequest = { key: "acme/wide", rate: 1, burst: 5, windowMs: 60_000 };
      const narrow: ThrottleRequest = { key: "acme/narrow", rate: 1, burst: 1, windowMs: 60_000 };
      expect((await store.take([wide, narrow])).map((answer) => answer.admitted)).toEqual([true, true]);
      expect((await store.take([wide, narrow])).map((answer) => answer.admitted)).toEqual([true, false]);
      expect((await store.take([narrow, wide])).map((answer) => answer.admitted)).toEqual([false, true]);
      expect(await store.take([wide])).toEqual([{ admitted: true, retryAfterMs: 0, remaining: 3 }]);
    });

    it("counts a bucket that is asked twice at once twice", async () => {
      const { store } = await create();
      const request: ThrottleRequest = { key: "k", rate: 1, burst: 1, windowMs: 60_000 };
      expect((await store.take([request, request])).map((answer) => answer.admitted)).toEqual([true, false]);
      expect((await store.take([request]))[0]?.admitted).toBe(true);
    });

    it("keeps keys apart that look alike", async () => {
      const { store } = await create();
      const take = async (key: string): Promise<boolean | undefined> =>
        (await store.take([{ key, rate: 1, burst: 1, windowMs: 60_000 }]))[0]?.admitted;
      for (const key of ["a:b/c", "a/b:c", "a 1/1/60000", "a", "__proto__", ""]) expect(await take(key)).toBe(true);
      expect(await take("a")).toBe(false);
    });

    it.each([
      { rate: 0, burst: 1, windowMs: 1 },
      { rate: 1, burst: -1, windowMs: 1 },
      { rate: 1, burst: 1, windowMs: Number.NaN },
      { rate: 1.5, burst: 1, windowMs: 1 },
      { rate: 1, burst: Number.MAX_SAFE_INTEGER, windowMs: 1_000 },
    ])("admits nothing under a limit that makes no sense: %o", async (limit) => {
      const [answer] = await (await create()).store.take([{ key: "k", ...limit }]);
      expect(answer?.admitted).toBe(false);
      expect(answer?.retryAfterMs).toBeGreaterThan(0);
    });

    it("grants nothing when its clock steps back, and tells a time that counts the step", async () => {
      const { store, advanceUs } = await create();
      const request: ThrottleRequest = { key: "k", rate: 1, burst: 1, windowMs: 1_000 };
      await store.take([request]);
      advanceUs(-5_000_000);
      expect(await store.take([request])).toEqual([{ admitted: false, retryAfterMs: 6_000, remaining: 0 }]);
      advanceUs(6_000_000);
      expect((await store.take([request]))[0]?.admitted).toBe(true);
    });

    it("takes nothing for nothing", async () => {
      expect(await (await create()).store.take([])).toEqual([]);
    });
  });
}
