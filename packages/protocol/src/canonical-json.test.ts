import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, canonicalString, digestJson } from "./canonical-json.ts";

/** RFC 8785 by the book: sort, then let JSON.stringify write each part. */
function byTheBook(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(byTheBook).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${byTheBook(member)}`).join(",")}}`;
}

const wellFormed = fc
  .array(fc.oneof(fc.nat(0x7f), fc.nat(0x10ffff)), { maxLength: 20 })
  .map((points) => String.fromCodePoint(...points).toWellFormed());

describe("canonicalJson", () => {
  it("writes what RFC 8785 says for any value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(value)).toBe(byTheBook(value));
      }),
    );
  });

  it("gives a text that says the value again, and the same text for it", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it("doesn't depend on the order in which keys were set", () => {
    expect(canonicalJson({ b: 1, a: 2, "10": 3, "9": 4 })).toBe('{"10":3,"9":4,"a":2,"b":1}');
    expect(digestJson({ b: 1, a: 2 })).toBe(digestJson({ a: 2, b: 1 }));
  });

  it("orders keys by UTF-16 units", () => {
    expect(canonicalJson({ "\u{10000}": 1, "\ufb33": 2 })).toBe('{"\u{10000}":1,"\ufb33":2}');
  });

  it("writes minus zero as zero and leaves absent members out", () => {
    expect(canonicalJson([-0, { a: undefined, b: null }])).toBe('[0,{"b":null}]');
  });

  it("keeps hostile keys as plain members", () => {
    expect(canonicalJson(JSON.parse('{"__proto__":{"x":1},"constructor":2}'))).toBe(
      '{"__proto__":{"x":1},"constructor":2}',
    );
  });

  it.each([
    ["\ud800"],
    ["\udc00a"],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [undefined],
    [[undefined]],
    [() => 1],
    [1n],
  ])("throws for %s, which JSON can't say", (value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });

  it("throws for half a surrogate pair in a key", () => {
    expect(() => canonicalJson({ "\ud800": 1 })).toThrow(TypeError);
  });
});

describe("canonicalString", () => {
  it("writes any well-formed text as JSON.stringify does", () => {
    fc.assert(
      fc.property(wellFormed, (text) => {
        expect(canonicalString(text)).toBe(JSON.stringify(text));
      }),
    );
  });
});
