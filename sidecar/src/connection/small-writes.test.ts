import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSmallWrites } from "./small-writes.ts";

describe("createSmallWrites", () => {
  it("hands over one write as it came, and many as one", () => {
    const sent: Uint8Array[] = [];
    const small = createSmallWrites((bytes) => sent.push(bytes));
    const pong = Buffer.from("PONG\r\n");
    small.take(pong);
    small.flush();
    small.flush();
    expect(sent).toEqual([pong]);
    expect(sent[0]).toBe(pong);
    for (let i = 0; i < 1_000; i++) small.take(pong);
    small.flush();
    expect(sent.map(({ length }) => length)).toEqual([6, 6_000]);
  });

  it("takes none that is large, and hands over at its bound", () => {
    const sent: number[] = [];
    const small = createSmallWrites(({ length }) => sent.push(length));
    expect([small.take(Buffer.alloc(513)), small.take(Buffer.alloc(512))]).toEqual([false, true]);
    for (let i = 0; i < 32; i++) small.take(Buffer.alloc(512));
    expect(sent).toEqual([16_384]);
  });

  it("keeps every byte in order", () => {
    const write = fc.uint8Array({ minLength: 1, maxLength: 512 });
    fc.assert(
      fc.property(fc.array(fc.tuple(write, fc.boolean()), { maxLength: 100 }), (writes) => {
        const sent: Uint8Array[] = [];
        const small = createSmallWrites((bytes) => sent.push(bytes));
        for (const [bytes, isFlushed] of writes) {
          small.take(bytes);
          if (isFlushed) small.flush();
        }
        small.flush();
        expect(Buffer.concat(sent).equals(Buffer.concat(writes.map(([bytes]) => bytes)))).toBe(true);
      }),
    );
  });
});
