import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPingQueue } from "./ping-queue.ts";

describe("createPingQueue", () => {
  it("answers the PINGs of both in their order", () => {
    const step = fc.constantFrom("client", "own", "pong");
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const pings = createPingQueue();
        const model: string[] = [];
        const [answered, expected]: [string[], string[]] = [[], []];
        for (const [i, one] of steps.entries()) {
          if (one === "client") {
            pings.clientPing();
            model.push("client");
          } else if (one === "own") {
            pings.ownPing(() => void answered.push(`own ${i}`));
            model.push(`own ${i}`);
          } else {
            const answer = pings.pong();
            if (answer === undefined) answered.push("client");
            else answer();
            expected.push(model.shift() ?? "client");
          }
          expect(answered).toEqual(expected);
          expect(pings.clientCount).toBe(model.filter((name) => name === "client").length);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("counts runs of the client's PINGs down, one PONG each", () => {
    const pings = createPingQueue();
    let arrivedCount = 0;
    const own = (): void => pings.ownPing(() => void arrivedCount++);
    for (let i = 0; i < 3; i++) pings.clientPing();
    own();
    for (let i = 0; i < 2; i++) pings.clientPing();
    const answers = Array.from({ length: 6 }, () => pings.pong());
    expect(answers.map((answer) => answer !== undefined)).toEqual([false, false, false, true, false, false]);
    answers[3]?.();
    expect([arrivedCount, pings.clientCount]).toEqual([1, 0]);
  });

  it("takes a PONG that nobody asked for as the client's, and counts none for it", () => {
    const pings = createPingQueue();
    expect([pings.pong(), pings.clientCount]).toEqual([undefined, 0]);
    pings.clientPing();
    expect(pings.clientCount).toBe(1);
  });
});
