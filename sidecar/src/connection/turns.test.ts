import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFakeClock } from "./fake-clock.test.support.ts";
import { createTurns, type Feed } from "./turns.ts";

interface Client {
  readonly feed: Feed;
  readonly taken: string[];
  readonly pauses: boolean[];
}

function create(turnMs = 10) {
  const clock = createFakeClock();
  const later: (() => void)[] = [];
  const turns = createTurns({ clock, turnMs, later: (act) => later.push(act) });
  const rest = { ms: 0 };
  return {
    rest,
    clock,
    /** One round of the event loop. */
    round: () => {
      for (const act of later.splice(0)) act();
    },
    isIdle: () => later.length === 0,
    join: (msPerByte: number): Client => {
      const taken: string[] = [];
      const pauses: boolean[] = [];
      const feed = turns.join({
        take: (piece) => {
          taken.push(Buffer.from(piece).toString("latin1"));
          clock.pass(piece.length * msPerByte);
        },
        ended: () => taken.push("end"),
        setPaused: (paused) => pauses.push(paused),
        restMs: () => rest.ms,
      });
      return { feed, taken, pauses };
    },
  };
}

const bytes = (count: number): Buffer => Buffer.alloc(count, "x");
const sizes = ({ taken }: Client): readonly number[] => taken.map((piece) => piece.length);

describe("createTurns", () => {
  it("takes cheap chunks at once and whole, and never pauses for them", () => {
    const on = create();
    const client = on.join(0);
    for (let i = 0; i < 10; i++) client.feed.data(bytes(65_536));
    expect(sizes(client).slice(-5)).toEqual([65_536, 65_536, 65_536, 65_536, 65_536]);
    expect(client.pauses).toEqual([]);
  });

  it("takes a dear chunk in smaller and smaller pieces, one turn a round", () => {
    const on = create();
    const client = on.join(0.02);
    client.feed.data(bytes(8_192));
    expect([sizes(client), client.feed.waitingBytes]).toEqual([[4_096], 4_096]);
    expect(client.pauses).toEqual([true]);
    on.round();
    // 5 ms each, as half of the turn.
    expect(sizes(client)).toEqual([4_096, 250 + 6, 250 + 6]);
    while (!on.isIdle()) on.round();
    expect(sizes(client).reduce((sum, size) => sum + size, 0)).toBe(8_192);
    expect(client.feed.waitingBytes).toBe(0);
    expect(client.pauses.at(-1)).toBe(false);
  });

  it("gives one of those who wait a turn in each round, and those who don't wait theirs at once", () => {
    const on = create();
    const floods = [on.join(0.1), on.join(0.1), on.join(0.1)];
    for (const flood of floods) flood.feed.data(bytes(65_536));
    const honest = on.join(0.001);
    for (let i = 0; i < 6; i++) {
      const before = floods.map((flood) => flood.taken.length);
      on.round();
      const turnCount = floods.filter((flood, j) => flood.taken.length > (before[j] ?? 0)).length;
      expect(turnCount).toBe(1);
      honest.feed.data(bytes(100));
    }
    expect(floods.map((flood) => flood.taken.length - 1)).toEqual([2, 2, 2]);
    expect(sizes(honest)).toEqual([100, 100, 100, 100, 100, 100]);
    expect(honest.pauses).toEqual([]);
  });

  it("makes nobody wait who uses less than a twentieth of the time, and everybody who uses more", () => {
    const on = create();
    const [light, heavy] = [on.join(0.004), on.join(0.006)];
    for (let i = 0; i < 50; i++) {
      light.feed.data(bytes(1_000));
      on.clock.pass(80);
    }
    expect(light.pauses).toEqual([]);
    for (let i = 0; i < 50; i++) {
      heavy.feed.data(bytes(1_000));
      on.clock.pass(80);
    }
    expect(heavy.pauses).toEqual([true]);
    while (!on.isIdle()) on.round();
    expect(heavy.pauses.at(-1)).toBe(false);
  });

  it("lets whoever has to rest do so before its next piece", () => {
    const on = create();
    const client = on.join(0);
    client.feed.data(bytes(100));
    on.rest.ms = 50;
    client.feed.data(bytes(200));
    on.round();
    on.clock.pass(49);
    on.round();
    expect([sizes(client), client.pauses]).toEqual([[100], [true]]);
    on.rest.ms = 0;
    on.clock.pass(1);
    on.round();
    expect([sizes(client), client.pauses]).toEqual([
      [100, 200],
      [true, false],
    ]);
  });

  it("changes no byte and no order, and the end comes last", () => {
    const chunk = fc.uint8Array({ minLength: 1, maxLength: 9_000 });
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 8 }), fc.double({ min: 0, max: 0.1, noNaN: true }), (chunks, cost) => {
        const on = create();
        const client = on.join(cost);
        for (const one of chunks) client.feed.data(one);
        client.feed.end();
        client.feed.data(bytes(5));
        while (!on.isIdle()) on.round();
        const sent = chunks.map((one) => Buffer.from(one).toString("latin1")).join("");
        expect(client.taken.join("")).toBe(`${sent}end`);
      }),
    );
  });

  it("drops what wasn't taken at its close, and what comes after", () => {
    const on = create();
    const client = on.join(0.1);
    client.feed.data(bytes(8_192));
    client.feed.end();
    client.feed.close();
    client.feed.data(bytes(1));
    expect(client.feed.waitingBytes).toBe(0);
    while (!on.isIdle()) on.round();
    expect(sizes(client)).toEqual([4_096]);
    expect(client.pauses).toEqual([true]);
  });
});
