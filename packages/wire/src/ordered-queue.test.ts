import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createOrderedQueue, type OrderedQueue, type QueueEntry } from "./ordered-queue.ts";

interface Item extends QueueEntry {
  readonly name: number;
}

function filled(queue: OrderedQueue) {
  const acted: number[] = [];
  const dropped: number[] = [];
  const push = (name: number, bytes: number, isReady: boolean): Item => {
    const item: Item = {
      name,
      bytes,
      isReady,
      act: () => void acted.push(name),
      drop: () => void dropped.push(name),
    };
    queue.push(item);
    return item;
  };
  return { acted, dropped, push };
}

/** What a queue's user can see of it. */
const seen = ({ isEmpty, isFull, isLow, bytes }: OrderedQueue) => ({ isEmpty, isFull, isLow, bytes });

describe("createOrderedQueue", () => {
  it("does what the simplest queue does, step by step", () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ bytes: fc.nat(20), isReady: fc.boolean() }) },
      { weight: 3, arbitrary: fc.record({ readies: fc.nat(8) }) },
      { weight: 3, arbitrary: fc.constant("drain" as const) },
      { weight: 1, arbitrary: fc.constant("drop" as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), (steps, countMax) => {
        const bytesMax = 60;
        const queue = createOrderedQueue({ countMax, bytesMax });
        const { acted, dropped, push } = filled(queue);
        let model: Item[] = [];
        const gone: { readonly acted: number[]; readonly dropped: number[] } = { acted: [], dropped: [] };
        let name = 0;
        for (const one of steps) {
          if (one === "drain") {
            queue.drain();
            const end = model.findIndex(({ isReady }) => !isReady);
            const ready = end === -1 ? model : model.slice(0, end);
            gone.acted.push(...ready.map((item) => item.name));
            model = model.slice(ready.length);
          } else if (one === "drop") {
            queue.drop();
            gone.dropped.push(...model.map((item) => item.name));
            model = [];
          } else if ("readies" in one) {
            const item = model[one.readies];
            if (item !== undefined) item.isReady = true;
          } else {
            model.push(push(++name, one.bytes, one.isReady));
          }
          const bytes = model.reduce((sum, item) => sum + item.bytes, 0);
          expect(seen(queue)).toEqual({
            isEmpty: model.length === 0,
            isFull: model.length >= countMax || bytes >= bytesMax,
            isLow: model.length * 2 <= countMax && bytes * 2 <= bytesMax,
            bytes,
          });
          expect({ acted, dropped }).toEqual(gone);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("is full at each bound, and low at half of each", () => {
    const queue = createOrderedQueue({ countMax: 4, bytesMax: 10 });
    const { push } = filled(queue);
    const first = push(1, 5, true);
    expect(seen(queue)).toMatchObject({ isFull: false, isLow: true });
    push(2, 0, true);
    push(3, 1, true);
    expect(seen(queue)).toMatchObject({ isFull: false, isLow: false, bytes: 6 });
    push(4, 0, false);
    expect(seen(queue)).toMatchObject({ isFull: true, isLow: false });
    expect(first.isReady).toBe(true);
    queue.drain();
    expect(seen(queue)).toMatchObject({ isFull: false, isLow: true, bytes: 0 });
    push(5, 10, false);
    expect(seen(queue)).toMatchObject({ isFull: true, isLow: false });
  });

  it("drops only what it hasn't carried out", () => {
    const queue = createOrderedQueue({ countMax: 100, bytesMax: 100 });
    const { acted, dropped, push } = filled(queue);
    push(1, 1, true);
    for (let name = 2; name < 9; name++) push(name, 1, false);
    queue.drain();
    queue.drop();
    expect([acted, dropped]).toEqual([[1], [2, 3, 4, 5, 6, 7, 8]]);
  });

  it("carries out nothing twice, and what comes in meanwhile in its turn", () => {
    const queue = createOrderedQueue({ countMax: 10, bytesMax: 100 });
    const acted: string[] = [];
    const entry = (name: string, then?: () => void): QueueEntry => ({
      bytes: 1,
      isReady: true,
      act: () => {
        acted.push(name);
        then?.();
      },
    });
    queue.push(
      entry("a", () => {
        queue.push(entry("c"));
      }),
    );
    queue.push(entry("b"));
    queue.drain();
    queue.drain();
    expect(acted).toEqual(["a", "b", "c"]);
  });

  it("takes an entry that has nothing to say when it is dropped", () => {
    const queue = createOrderedQueue({ countMax: 10, bytesMax: 100 });
    queue.push({ bytes: 1, isReady: false, act: () => undefined });
    queue.drop();
    expect(seen(queue)).toEqual({ isEmpty: true, isFull: false, isLow: true, bytes: 0 });
  });
});
