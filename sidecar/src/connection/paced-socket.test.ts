import { Duplex } from "node:stream";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { createFakeClock, type FakeClock } from "./fake-clock.test.support.ts";
import { paceSocket, type PacedSocket } from "./paced-socket.ts";

/** A socket whose writes are seen as they would reach the system. */
class FakeSocket extends Duplex {
  readonly sent: string[] = [];
  #finish: (() => void)[] = [];

  override _read(): void {
    // Nothing comes.
  }

  override _writev(chunks: { readonly chunk: Buffer }[], done: () => void): void {
    this.sent.push(chunks.map(({ chunk }) => chunk.toString()).join("|"));
    this.#finish.push(done);
  }

  flushAll(): void {
    for (const done of this.#finish.splice(0)) done();
  }
}

interface Made {
  readonly fake: FakeSocket;
  readonly paced: PacedSocket;
  readonly clock: FakeClock;
  readonly told: (boolean | "stalled")[];
}

function create(): Made {
  const fake = new FakeSocket({ highWaterMark: 8 });
  const clock = createFakeClock();
  const told: Made["told"] = [];
  const paced = paceSocket(fake as unknown as Socket, {
    clock,
    stallMs: 100,
    full: (isFull) => told.push(isFull),
    stalled: () => told.push("stalled"),
  });
  return { fake, paced, clock, told };
}

async function turn(): Promise<void> {
  await new Promise((next) => {
    setImmediate(next);
  });
}

const large = (text: string): Buffer => Buffer.from(text.repeat(600));

describe("paceSocket", () => {
  it("sends what is written in one turn together, small writes as one", async () => {
    const { fake, paced } = create();
    paced.write(Buffer.from("a"));
    await Promise.resolve().then(() => {
      paced.write(Buffer.from("b"));
    });
    paced.write(large("c"));
    paced.write(Buffer.from("d"));
    await turn();
    expect(fake.sent).toEqual([`ab|${"c".repeat(600)}|d`]);
  });

  it("gathers small writes while the other end is slow, and sends them as one when it has taken the rest", async () => {
    const { fake, paced } = create();
    paced.write(Buffer.from("a"));
    await turn();
    for (let i = 0; i < 100; i++) {
      paced.write(Buffer.from("b"));
      await turn();
    }
    expect([fake.sent, paced.waitingBytes()]).toEqual([["a"], 1]);
    fake.flushAll();
    await turn();
    expect(fake.sent).toEqual(["a", "b".repeat(100)]);
  });

  it("counts what waits both ways", () => {
    const { fake, paced } = create();
    paced.write(large("a"));
    fake.pause();
    fake.push("bcd");
    expect(paced.waitingBytes()).toBe(603);
  });

  it("tells once when it is full and once when it is empty again", async () => {
    const { fake, paced, told } = create();
    paced.write(large("a"));
    paced.write(large("b"));
    expect(told).toEqual([true]);
    expect(paced.backlogBytes()).toBe(1_200);
    await turn();
    fake.flushAll();
    await turn();
    expect(told).toEqual([true, false]);
    expect(paced.backlogBytes()).toBe(0);
  });

  it("tells when the other end takes nothing for the limit, and not when it takes a little", async () => {
    const { fake, paced, clock, told } = create();
    paced.write(large("a"));
    paced.write(large("b"));
    await turn();
    for (let i = 0; i < 5; i++) {
      clock.pass(90);
      fake.flushAll();
      paced.write(large("c"));
      await turn();
    }
    expect(told).not.toContain("stalled");
    clock.pass(200);
    expect(told.filter((one) => one === "stalled")).toHaveLength(1);
  });

  it("waits for nothing when all is taken, or when it has ended", async () => {
    const { fake, paced, clock, told } = create();
    paced.write(Buffer.from("a"));
    await turn();
    fake.flushAll();
    await turn();
    clock.pass(1_000);
    paced.write(Buffer.from("b"));
    await turn();
    paced.end(1_000);
    clock.pass(1_000);
    expect(told).not.toContain("stalled");
    expect(clock.timerCount()).toBe(0);
  });

  it("reads again only when no reason to pause is left, and knows how long it didn't", () => {
    const { fake, paced, clock } = create();
    const { reading } = paced;
    clock.pass(5);
    reading.set("queue", true);
    clock.pass(10);
    reading.set("peer", true);
    reading.set("queue", false);
    clock.pass(10);
    expect([fake.isPaused(), reading.isPaused(), reading.pausedMs()]).toEqual([true, true, 20]);
    reading.set("peer", false);
    reading.set("peer", false);
    clock.pass(10);
    expect([fake.isPaused(), reading.isPaused(), reading.pausedMs()]).toEqual([false, false, 20]);
    reading.set("turn", true);
    clock.pass(3);
    expect(reading.pausedMs()).toBe(23);
  });

  it("writes what was gathered before its end, and nothing after it", async () => {
    const { fake, paced } = create();
    paced.write(Buffer.from("a"));
    await turn();
    paced.write(Buffer.from("b"));
    await turn();
    paced.end(1_000);
    paced.write(Buffer.from("c"));
    fake.flushAll();
    await turn();
    expect(fake.sent).toEqual(["a", "b"]);
  });
});
