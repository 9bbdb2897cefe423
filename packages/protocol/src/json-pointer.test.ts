import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { getPointer, matchesPointer, parsePointer, removePointer, setPointer } from "./json-pointer.ts";
import type { JsonValue } from "./json-value.ts";

const key = fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom("__proto__", "constructor", "0", "-", "a/b", "m~n"));
const tree = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<JsonValue[]>(null, 1, "x"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 3 }).map((members) => Object.fromEntries(members)),
  ),
})).value;

const INDEX = /^\d+$/;

describe("parsePointer", () => {
  it("unescapes what RFC 6901 escapes", () => {
    fc.assert(
      fc.property(fc.array(key), (segments) => {
        const pointer = segments.map((s) => `/${s.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
        expect(parsePointer(pointer)).toEqual(segments);
      }),
    );
  });

  it.each(["a", "/a~", "/~2", "a/b", "#/a", "/a/~x"])("refuses %s", (text) => {
    expect(parsePointer(text)).toBeUndefined();
  });
});

describe("setPointer and removePointer", () => {
  it("are read back by getPointer and leave the original alone", () => {
    fc.assert(
      fc.property(tree, fc.array(key, { maxLength: 3 }), (value, segments) => {
        const before = JSON.stringify(value);
        const set = setPointer(value, segments, "set");
        const isNew = segments.at(-1) === "-" && Array.isArray(getPointer(value, segments.slice(0, -1)));
        expect(set === undefined || isNew || getPointer(set, segments) === "set").toBe(true);
        const removed = removePointer(value, segments);
        const hasMovedUp = INDEX.test(segments.at(-1) ?? "");
        expect(removed === undefined || hasMovedUp || getPointer(removed, segments) === undefined).toBe(true);
        expect(JSON.stringify(value)).toBe(before);
      }),
      { numRuns: 2000 },
    );
  });

  it("never reach a prototype", () => {
    expect(getPointer({}, ["__proto__"])).toBeUndefined();
    expect(getPointer({}, ["constructor", "name"])).toBeUndefined();
    expect(setPointer({}, ["__proto__", "polluted"], true)).toBeUndefined();
    const set = setPointer({}, ["__proto__"], { polluted: true });
    expect(Object.hasOwn(Object(set), "__proto__")).toBe(true);
    expect(Object.getPrototypeOf(set)).toBe(Object.prototype);
  });

  it.each<[JsonValue, string, JsonValue | undefined]>([
    [{ a: 1 }, "/b", { a: 1, b: 9 }],
    [{ a: [1, 2] }, "/a/1", { a: [1, 9] }],
    [{ a: [1, 2] }, "/a/-", { a: [1, 2, 9] }],
    [{ a: [1, 2] }, "/a/2", undefined],
    [{ a: [1, 2] }, "/a/01", undefined],
    [{ a: [1, 2] }, "/a/1e0", undefined],
    [{ a: 1 }, "/a/b", undefined],
    [{}, "/a/b", undefined],
    [null, "/a", undefined],
    [{ a: 1 }, "", 9],
  ])("set in %j at %s gives %j", (value, pointer, expected) => {
    expect(setPointer(value, parsePointer(pointer) ?? ["?"], 9)).toEqual(expected);
  });

  it.each<[JsonValue, string, JsonValue | undefined]>([
    [{ a: 1, b: 2 }, "/a", { b: 2 }],
    [[1, 2, 3], "/1", [1, 3]],
    [[1], "/-", undefined],
    [{ a: 1 }, "/b", undefined],
    [{ a: 1 }, "", undefined],
  ])("remove from %j at %s gives %j", (value, pointer, expected) => {
    expect(removePointer(value, parsePointer(pointer) ?? ["?"])).toEqual(expected);
  });
});

describe("matchesPointer", () => {
  it.each([
    ["/a/*", "/a/b", true],
    ["/a/*", "/a", false],
    ["/a/*", "/a/b/c", false],
    ["/a", "/a/b", false],
    ["/*/b", "/x/b", true],
    ["", "", true],
  ])("%s on %s is %s", (pattern, pointer, expected) => {
    expect(matchesPointer(parsePointer(pattern) ?? [], parsePointer(pointer) ?? [])).toBe(expected);
  });
});
