import { Duplex } from "node:stream";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { paceSocket } from "./paced-socket.ts";

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

function create(onFull: (full: boolean) => void = () => undefined): {
  readonly fake: FakeSocket;
  readonly paced: ReturnType<typeof paceSocket>;
} {
  const fake = new FakeSocket({ highWaterMark: 8 });
  return { fake, paced: paceSocket(fake as unknown as Socket, onFull) };
}

async function turn(): Promise<void> {
  await new Promise((next) => {
    setImmediate(next);
  });
}

describe("paceSocket", () => {
  it("sends what is written in one turn together", async () => {
    const { fake, paced } = create();
    paced.write(Buffer.from("a"));
    await Promise.resolve().then(() => {
      paced.write(Buffer.from("b"));
    });
    await turn();
    expect(fake.sent).toEqual(["a|b"]);
    paced.write(Buffer.from("c"));
    fake.flushAll();
    await turn();
    expect(fake.sent).toEqual(["a|b", "c"]);
  });

  it("tells once when it is full and once when it is empty again", async () => {
    const told: boolean[] = [];
    const { fake, paced } = create((full) => told.push(full));
    paced.write(Buffer.from("123456789"));
    paced.write(Buffer.from("123456789"));
    expect(told).toEqual([true]);
    await turn();
    fake.flushAll();
    await turn();
    expect(told).toEqual([true, false]);
  });

  it("reads again only when no reason to pause is left", () => {
    const { fake, paced } = create();
    paced.setPaused("queue", true);
    paced.setPaused("peer", true);
    paced.setPaused("queue", false);
    expect([fake.isPaused(), paced.isPaused()]).toEqual([true, true]);
    paced.setPaused("peer", false);
    paced.setPaused("peer", false);
    expect([fake.isPaused(), paced.isPaused()]).toEqual([false, false]);
  });

  it("writes nothing after its end", async () => {
    const { fake, paced } = create();
    paced.write(Buffer.from("a"));
    paced.end(1_000);
    paced.write(Buffer.from("b"));
    await turn();
    expect(fake.sent).toEqual(["a"]);
  });
});
