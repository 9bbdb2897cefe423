import { matchesSubject } from "@cortexos/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COMPARED_COUNT_MAX, createSubjectIndex } from "./subject-index.ts";

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
        const index = createSubjectIndex();
        const model = new Map<string, { subject: string }>();
        for (const { adds, id, pattern: one } of steps) {
          const key = `${one} ${id}`;
          const known = model.get(key);
          if (known !== undefined && !adds) {
            index.remove(known);
            model.delete(key);
          } else if (known === undefined && adds) {
            const value = { subject: one };
            index.add(value);
            model.set(key, value);
          }
        }
        for (const one of asked) {
          const found = index.find(one);
          const matching = [...model.values()].filter((value) => matchesSubject(value.subject, one));
          expect(found === undefined ? matching.length === 0 : matching.includes(found)).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("compares no more patterns with one beginning than it says, and goes on to the others", () => {
    const index = createSubjectIndex();
    for (let i = 0; i < COMPARED_COUNT_MAX; i++) index.add({ subject: `a.*.${i}` });
    const beyond = { subject: "a.*.x" };
    index.add(beyond);
    expect(index.find("a.b.x")).toBeUndefined();
    const other = { subject: "a.b.*" };
    index.add(other);
    expect(index.find("a.b.x")).toBe(other);
  });

  it("finds patterns with a very long beginning", () => {
    const index = createSubjectIndex();
    const value = { subject: `${"a.".repeat(100)}*` };
    index.add(value);
    expect(index.find(`${"a.".repeat(100)}b`)).toBe(value);
    expect(index.find(`${"a.".repeat(99)}b`)).toBeUndefined();
  });
});
