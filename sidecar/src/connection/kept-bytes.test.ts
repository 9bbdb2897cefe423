import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createKeptBytes, type KeptBytes, type KeptPlace } from "./kept-bytes.ts";

function join(kept: KeptBytes) {
  const state = { bytes: 0, isShed: false };
  const place: KeptPlace = kept.join({
    keptBytes: () => state.bytes,
    shed: () => {
      state.isShed = true;
    },
  });
  const keep = (bytes: number): void => {
    state.bytes = bytes;
    place.look();
  };
  return Object.assign(state, { place, keep });
}

describe("createKeptBytes", () => {
  it("sheds whoever keeps most, and nobody else, when all keep too much", () => {
    const kept = createKeptBytes(100);
    const [small, large, last] = [join(kept), join(kept), join(kept)];
    small.keep(30);
    large.keep(60);
    last.keep(10);
    expect([small, large, last].map(({ isShed }) => isShed)).toEqual([false, false, false]);
    last.keep(11);
    expect([small, large, last].map(({ isShed }) => isShed)).toEqual([false, true, false]);
    expect(kept.total()).toBe(41);
  });

  it("finds what nobody told of, when it looks at all", () => {
    const kept = createKeptBytes(100);
    const [silent, other] = [join(kept), join(kept)];
    silent.bytes = 80;
    other.bytes = 30;
    expect([kept.total(), silent.isShed]).toEqual([0, false]);
    kept.lookAtAll();
    expect([kept.total(), silent.isShed, other.isShed]).toEqual([30, true, false]);
  });

  it("sheds until an eighth is free, so that it is rare", () => {
    const kept = createKeptBytes(80);
    const keepers = [20, 8, 9, 21, 22].map((bytes) => {
      const keeper = join(kept);
      keeper.bytes = bytes;
      return keeper;
    });
    for (const keeper of keepers) keeper.place.look();
    expect(keepers.map(({ isShed }) => isShed)).toEqual([false, false, false, false, false]);
    keepers[1]?.keep(9);
    expect(keepers.map(({ isShed }) => isShed)).toEqual([false, false, false, false, true]);
    keepers[1]?.keep(26);
    expect(kept.total()).toBe(76);
    keepers[2]?.keep(14);
    expect(keepers.map(({ isShed }) => isShed)).toEqual([false, true, false, false, true]);
    expect(kept.total()).toBe(55);
  });

  it("counts anew before it sheds: what was sent meanwhile isn't kept", () => {
    const kept = createKeptBytes(100);
    const [sent, growing] = [join(kept), join(kept)];
    sent.keep(90);
    sent.bytes = 0;
    growing.keep(50);
    expect([sent.isShed, growing.isShed]).toEqual([false, false]);
    expect(kept.total()).toBe(50);
  });

  it("is never above its bound, and knows nothing of who has left", () => {
    const step = fc.record({ who: fc.nat(4), bytes: fc.nat(80), isLeaving: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const kept = createKeptBytes(100);
        const keepers = Array.from({ length: 5 }, () => join(kept));
        const gone = new Set<number>();
        for (const { who, bytes, isLeaving } of steps) {
          const keeper = keepers[who];
          keeper?.keep(bytes);
          if (isLeaving) {
            keeper?.place.leave();
            keeper?.place.leave();
            gone.add(who);
          }
          const here = keepers.filter((one, i) => !gone.has(i) && !one.isShed);
          expect(kept.total()).toBe(here.reduce((sum, one) => sum + one.bytes, 0));
          expect(kept.total()).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});
