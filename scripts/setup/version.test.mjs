import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareVersions, formatVersion, isInRange, parseVersion } from "./version.mjs";

const version = fc.tuple(fc.nat(99_999), fc.nat(99_999), fc.nat(99_999));

describe("parseVersion", () => {
  it.each([
    ["v2.15.2", [2, 15, 2]],
    ["1.26", [1, 26, 0]],
    ["2.12.0-RC.1", [2, 12, 0]],
  ])("reads %j", (text, expected) => {
    expect(parseVersion(text)).toEqual(expected);
  });

  it.each(["", "dev", "v2", "command not found"])("finds none in %j", (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });

  it("reads back what formatVersion writes", () => {
    fc.assert(
      fc.property(version, (each) => {
        expect(parseVersion(formatVersion(each))).toEqual(each);
      }),
    );
  });
});

describe("compareVersions", () => {
  it("compares numbers, not text", () => {
    expect(compareVersions([2, 9, 10], [2, 12, 0])).toBeLessThan(0);
    expect(compareVersions([2, 15, 2], [2, 15, 1])).toBeGreaterThan(0);
  });

  it("is antisymmetric and zero only for equals", () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0);
        expect(compareVersions(a, b) === 0).toBe(formatVersion(a) === formatVersion(b));
      }),
    );
  });
});

describe("isInRange", () => {
  const range = /** @type {const} */ ({ from: [2, 12, 0], below: [3, 0, 0] });

  it.each(
    /** @type {[import("./version.mjs").Version, boolean][]} */ ([
      [[2, 11, 99], false],
      [[2, 12, 0], true],
      [[2, 99, 0], true],
      [[3, 0, 0], false],
    ]),
  )("says of %j: %j", (each, expected) => {
    expect(isInRange(each, range)).toBe(expected);
  });
});
