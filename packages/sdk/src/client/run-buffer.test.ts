import type { StandingRelease } from "@cortexos/kernel";
import { encodeFrame } from "@cortexos/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRunBuffer } from "./run-buffer.ts";

interface Sent {
  readonly subject: string;
  readonly payload: Uint8Array | string;
}

const frameOf = ({ subject, payload }: Sent): Buffer =>
  Buffer.from(encodeFrame({ subject, reply: "", headers: [], payload: Buffer.from(payload) }));

describe("createRunBuffer", () => {
  it("hands over the canonical frames in order, each accounted for before under its own release", () => {
    const sent = fc.record({
      subject: fc.constantFrom("a", "b.c", "d.e.f"),
      payload: fc.oneof(fc.string({ maxLength: 40 }), fc.uint8Array({ maxLength: 40_000 })),
    });
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 40 }), (messages) => {
        const accounted: Buffer[] = [];
        const written: Buffer[] = [];
        const counts = new Map<string, number>();
        const releases = new Map<string, StandingRelease>();
        const releaseOf = (subject: string): StandingRelease => {
          const known = releases.get(subject) ?? {
            isCurrent: () => true,
            account: (count: number, frames: Uint8Array) => {
              accounted.push(Buffer.from(frames));
              counts.set(subject, (counts.get(subject) ?? 0) + count);
            },
          };
          releases.set(subject, known);
          return known;
        };
        const run = createRunBuffer((frames) => {
          written.push(Buffer.from(frames));
          expect(accounted).toHaveLength(written.length);
        });
        for (const { subject, payload } of messages) run.add(subject, payload, () => releaseOf(subject));
        run.flush();
        const all = Buffer.concat(messages.map(frameOf));
        expect(Buffer.concat(written).equals(all) && Buffer.concat(accounted).equals(all)).toBe(true);
        for (const [subject, count] of counts) {
          expect(count).toBe(messages.filter((message) => message.subject === subject).length);
        }
      }),
    );
  });

  it("adds nothing without a release, and shows it the copy", () => {
    const written: string[] = [];
    const run = createRunBuffer((frames) => written.push(Buffer.from(frames).toString()));
    const payload = Buffer.from("abc");
    let shown: Uint8Array = payload;
    const refused = run.add("a", payload, (copy) => {
      shown = copy;
      return undefined;
    });
    payload.fill("x");
    run.flush();
    expect([refused, Buffer.from(shown).toString(), written]).toEqual([false, "abc", []]);
  });

  it("hands over at the end of the turn by itself", async () => {
    const written: string[] = [];
    const run = createRunBuffer((frames) => written.push(Buffer.from(frames).toString()));
    const release: StandingRelease = { isCurrent: () => true, account: () => undefined };
    run.add("a", "1", () => release);
    run.add("a", "2", () => release);
    expect(written).toEqual([]);
    await Promise.resolve();
    expect(written).toEqual(["PUB a 1\r\n1\r\nPUB a 1\r\n2\r\n"]);
  });
});
