import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createClientFrame, hashSubject, type ClientFrame } from "./client-frame.ts";
import type { StandingVerdict } from "./session-types.ts";
import { createSubjectTable } from "./subject-table.ts";

function frameOf(subject: string, hash?: number): ClientFrame {
  const bytes = Buffer.from(`PUB ${subject} 0`, "latin1");
  const subjectEnd = 4 + subject.length;
  return {
    ...createClientFrame(),
    bytes,
    subjectStart: 4,
    subjectEnd,
    subjectHash: hash ?? hashSubject(bytes, 4, subjectEnd),
  };
}

const current: StandingVerdict = { isCurrent: () => true, account: () => undefined };

describe("createSubjectTable", () => {
  it("gives each subject its own entry, though hashes collide and slots run out", () => {
    const table = createSubjectTable((subject) => (subject.length % 2 === 0 ? current : undefined));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.stringMatching(/^[a-c]{1,4}$/), fc.constantFrom(7, 8, 1_031)), { maxLength: 60 }),
        (asked) => {
          for (const [subject, hash] of asked) {
            const known = table.get(frameOf(subject, hash));
            expect(known.subject).toBe(subject);
            expect(table.standing(known)).toBe(subject.length % 2 === 0 ? current : undefined);
          }
        },
      ),
    );
  });

  it("asks once while the answer is current, and again after", () => {
    let asked = 0;
    let isCurrent = true;
    const table = createSubjectTable(() => {
      asked++;
      return { ...current, isCurrent: () => isCurrent };
    });
    const known = () => table.standing(table.get(frameOf("a")));
    known();
    known();
    expect(asked).toBe(1);
    isCurrent = false;
    expect(known()).toBeUndefined();
    expect(asked).toBe(2);
    isCurrent = true;
    expect(known()).toBeUndefined();
    for (let i = 0; i < 256; i++) known();
    expect(known()).toBeDefined();
  });

  it("asks again now and then after no answer", () => {
    let asked = 0;
    const table = createSubjectTable(() => void asked++);
    for (let i = 0; i < 1_000; i++) table.standing(table.get(frameOf("a")));
    expect(asked).toBe(4);
  });

  it("never asks about a subject that can't be published to", () => {
    const table = createSubjectTable(() => current);
    expect(table.standing(table.get(frameOf("a.*")))).toBeUndefined();
  });
});
