import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lookup } from "../values/lookup.ts";
import { RegoSet } from "../values/set.ts";
import type { Value } from "../values/value.ts";
import { createDecisionMemo } from "./decision-memo.ts";
import { equal } from "../values/compare.ts";
import { fromJs } from "../values/from-js.ts";

describe("createDecisionMemo", () => {
  it("answers for inputs that agree on what is read, and for no others", () => {
    const member = fc.constantFrom<unknown[]>(1, "1", null, undefined, [1], ["1"], {}, { b: 1 }, { b: "1" });
    const input = fc.record({ a: member, c: member }).map((value) => fromJs(value));
    fc.assert(
      fc.property(input, input, (first, second) => {
        const pointers = ["/a/b", "/c"];
        const memo = createDecisionMemo(pointers, 10);
        memo.set(first, ["answer"]);
        const agree = [["a", "b"], ["c"]].every((path) =>
          equal(path.reduce<Value | undefined>(lookup, first), path.reduce<Value | undefined>(lookup, second)),
        );
        expect(memo.get(first)).toEqual(["answer"]);
        expect(memo.get(second) !== undefined).toBe(agree);
      }),
    );
  });

  it("isn't fooled by an input that is changed afterwards", () => {
    const memo = createDecisionMemo(["/roles"], 10);
    const roles = ["reader"];
    memo.set({ roles }, ["answer"]);
    roles.push("admin");
    expect(memo.get({ roles })).toBeUndefined();
    expect(memo.get({ roles: ["reader"] })).toEqual(["answer"]);
  });

  it("tells a set from a list, and forgets everything when it is full", () => {
    const memo = createDecisionMemo([""], 2);
    memo.set(RegoSet.of([1]), [1]);
    expect(memo.get([1])).toBeUndefined();
    memo.set([1], [2]);
    memo.set([2], [3]);
    expect([memo.size, memo.get([1]), memo.get([2])]).toEqual([1, undefined, [3]]);
  });
});
