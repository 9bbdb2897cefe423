import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isExactNumber } from "./json-number.ts";
import { decodeJson, JSON_DEPTH_MAX } from "./json-text.ts";

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "utf8");
const faultOf = (text: string | Uint8Array): string => {
  const decoded = decodeJson(typeof text === "string" ? bytesOf(text) : text);
  return decoded.ok ? "ok" : decoded.code;
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("decodeJson", () => {
  it("gives back any value that was written", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "grapheme" }), fc.constantFrom(0, 2), (value, indent) => {
        expect(decodeJson(bytesOf(JSON.stringify(value, null, indent)))).toEqual({
          ok: true,
          value: JSON.parse(JSON.stringify(value)),
        });
      }),
    );
  });

  it("never throws, whatever the bytes are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => decodeJson(bytes)).not.toThrow();
      }),
    );
  });

  it("takes only what JSON.parse takes", () => {
    const almostJson = fc.array(fc.constantFrom(...'{}[]",:0123456789.eE+-\\u tnrfalse'.split("")), { maxLength: 20 });
    fc.assert(
      fc.property(almostJson, (parts) => {
        const text = parts.join("");
        expect(!decodeJson(bytesOf(text)).ok || isJson(text)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["a byte order mark", Uint8Array.of(0xef, 0xbb, 0xbf, 0x31), "payload.utf8"],
    ["an overlong dot", Uint8Array.of(0x22, 0xc0, 0xae, 0x22), "payload.utf8"],
    ["a raw surrogate", Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), "payload.utf8"],
    ["UTF-16", Buffer.from('{"a":1}', "utf16le"), "payload.json"],
    ["nothing", "", "payload.json"],
    ["bytes after the value", "{} {}", "payload.json"],
    ["a raw control character", '"\u0001"', "payload.json"],
    ["a leading plus", "+1", "payload.json"],
    ["a leading zero", "01", "payload.json"],
    ["a comment", "/**/1", "payload.json"],
    ["a trailing comma", "[1,]", "payload.json"],
    ["a key twice", '{"a":1,"a":1}', "payload.duplicate_key"],
    ["a key twice, once escaped", '{"a":1,"\\u0061":2}', "payload.duplicate_key"],
    ["a key twice, deep down", '[{"b":{"c":1,"d":[],"c":2}}]', "payload.duplicate_key"],
    ["a hostile key twice", '{"__proto__":1,"__proto__":2}', "payload.duplicate_key"],
    ["a key twice whose first value holds keys", '{"a":{"x":1,"y":2},"a":{"x":1}}', "payload.duplicate_key"],
    ["a high surrogate alone", '"\\ud800"', "payload.surrogate"],
    ["a low surrogate alone", '"\\uDC00"', "payload.surrogate"],
    ["two low surrogates", '"\\udc00\\udc00"', "payload.surrogate"],
    ["two high surrogates", '"\\ud83d\\ud83d"', "payload.surrogate"],
    ["a high surrogate before a letter", '"\\ud83dx"', "payload.surrogate"],
    ["half a pair in a key", '{"\\udfff":1}', "payload.surrogate"],
    ["2^53 + 1", "9007199254740993", "payload.number"],
    ["1e400", "[1e400]", "payload.number"],
    ["1e-400", "1e-400", "payload.number"],
    ["0.1 with thirty digits", '{"a":0.100000000000000000000000000001}', "payload.number"],
    ["a nanosecond clock", '{"ts":1700000000123456789}', "payload.number"],
  ])("refuses %s", (_what, text, code) => {
    expect(faultOf(text)).toBe(code);
  });

  it.each(["1.0", "1e2", "-0", "0.1", "9007199254740992", "0e999999", "1.50", "123456789012345", "1E-7", "-1.5e+300"])(
    "takes the number %s",
    (text) => {
      expect(faultOf(text)).toBe("ok");
      expect(faultOf(`[${text},{"a":${text}}]`)).toBe("ok");
    },
  );

  it("goes on right after a short escape", () => {
    expect(faultOf('["\\n",[{"k":1}]]')).toBe("ok");
    expect(faultOf('["\\\\",9007199254740993]')).toBe("payload.number");
  });

  it("takes colons, brackets, quotes and digits inside strings for what they are", () => {
    expect(faultOf('{"a:{[,":"\\"9007199254740993:{\\\\","b":"\\u005c\\ud83d\\ude00"}')).toBe("ok");
  });

  it(`takes ${JSON_DEPTH_MAX} levels and no more`, () => {
    const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
    expect(faultOf(nested(JSON_DEPTH_MAX))).toBe("ok");
    expect(faultOf(nested(JSON_DEPTH_MAX + 1))).toBe("payload.depth");
    expect(faultOf(nested(500_000))).toBe("payload.depth");
  });

  it("counts values", () => {
    const limits = { depthMax: 4, valuesMax: 3 };
    expect(decodeJson(bytesOf("[1,2,3]"), limits).ok).toBe(true);
    expect(decodeJson(bytesOf("[1,2,3,4]"), limits)).toMatchObject({ ok: false, code: "payload.values" });
  });

  it("makes own properties of hostile keys and leaves prototypes alone", () => {
    const decoded = decodeJson(
      bytesOf('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
    );
    expect(decoded.ok && Object.hasOwn(Object(decoded.value), "__proto__")).toBe(true);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  it("reads a view into a larger buffer, and only that", () => {
    expect(decodeJson(bytesOf('xx{"a":1.25e1}yy').subarray(2, 14))).toEqual({ ok: true, value: { a: 12.5 } });
  });

  it("looks at what stands after a string of any length, and at nothing inside it", () => {
    const inside = fc.string({ unit: fc.constantFrom("x", "{", "[", ":", ",", "1", "e", "é", "\\n"), maxLength: 90 });
    fc.assert(
      fc.property(inside, fc.boolean(), (text, isExact) => {
        const number = isExact ? "1" : "12345678901234567890";
        expect(faultOf(`{"${text}":["${text}",${number}]}`)).toBe(isExact ? "ok" : "payload.number");
      }),
      { numRuns: 500 },
    );
  });

  it("finds a key twice exactly when there is one", () => {
    const members = fc.array(
      fc.tuple(fc.constantFrom("a", "b", "c", "__proto__", "1"), fc.constantFrom("1", "{}", '[{"a":1}]')),
    );
    fc.assert(
      fc.property(members, (pairs) => {
        const text = `{${pairs.map(([key, value]) => `"${key}":${value}`).join(",")}}`;
        const hasTwice = new Set(pairs.map(([key]) => key)).size < pairs.length;
        expect(faultOf(text)).toBe(hasTwice ? "payload.duplicate_key" : "ok");
      }),
    );
  });
});

describe("isExactNumber", () => {
  it("holds for every number that ECMAScript prints", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (n) => {
        expect(isExactNumber(JSON.stringify(n))).toBe(true);
      }),
    );
  });

  it("agrees with integers of any size", () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 25n), 10n ** 25n), (n) => {
        const kept = Number(n);
        // The printed form is the shortest that reads back; only equal ones survive.
        const shortest = String(kept).includes("e") ? decimalToBigInt(String(kept)) : BigInt(String(kept));
        expect(isExactNumber(String(n))).toBe(shortest === n);
      }),
    );
  });

  it("doesn't care how a decimal is written", () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(20), (n, zeros) => {
        expect(isExactNumber(`${n}.${"0".repeat(zeros + 1)}`)).toBe(true);
        expect(isExactNumber(`${n}${"0".repeat(zeros)}e-${zeros}`)).toBe(true);
      }),
    );
  });
});

function decimalToBigInt(text: string): bigint {
  const [mantissa = "", exponent = "0"] = text.split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  return BigInt(whole + fraction) * 10n ** BigInt(Number(exponent) - fraction.length);
}
