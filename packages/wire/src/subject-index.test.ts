import { matchesSubject } from "@cortexos/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSubjectIndex } from "./subject-index.ts";

const token = fc.constantFrom("a", "b", "*a", ">a");
const subject = fc.array(token, { minLength: 1, maxLength: 4 }).map((tokens) => tokens.join("."));
const pattern = fc
  .tuple(fc.array(fc.oneof(token, fc.constant("*")), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([tokens, isOpen]) => (isOpen ? [...tokens.slice(1), ">"] : tokens).join("."));

describe("createSubjectIndex", () => {
  it("finds a value exactly when one of those that were added and not removed matches", () => {
    const step = fc.record({ pattern, adds: fc.boolean(), id: fc.nat(2) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.array(subject, { maxLength: 10 }), (steps, asked) => {
        const index = createSubjectIndex<string>();
        const model = new Set<string>();
        for (const { adds, id, pattern: one } of steps) {
          const value = `${one} ${id}`;
          if (adds) index.add(one, value);
          else index.remove(one, value);
          if (adds) model.add(value);
          else model.delete(value);
        }
        for (const one of asked) {
          const matching = [...model].filter((value) => matchesSubject(value.slice(0, value.lastIndexOf(" ")), one));
          const found = index.find(one);
          expect(found === undefined ? matching : [found]).toEqual(
            found === undefined ? [] : matching.filter((value) => value === found),
          );
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("looks at no value that the subject can't lead to", () => {
    const index = createSubjectIndex<number>();
    for (let i = 0; i < 100_000; i++) index.add(`_INBOX.a.*.${i}`, i);
    let found = 0;
    for (let i = 0; i < 100_000; i++) found += index.find(`_INBOX.a.x.${i}`) === i ? 1 : 0;
    expect(found).toBe(100_000);
    expect(index.find("_INBOX.a.x.none")).toBeUndefined();
  });
});
