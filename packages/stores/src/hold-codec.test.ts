import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeHold, encodeHold } from "./hold-codec.ts";
import { isStoresError } from "./stores-error.ts";
import { sampleHold } from "./test/samples.ts";

describe("decodeHold", () => {
  it("gives back what was encoded", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (payload) => {
        const hold = { ...sampleHold("h", { payload }), approvals: [{ by: "ann", atNs: "1" }] };
        expect(decodeHold(encodeHold(hold))).toEqual(hold);
      }),
    );
  });

  it("refuses a message that is not the one that was shown (G110)", () => {
    const text = encodeHold(sampleHold("h", { payload: Buffer.from("pay 10") }));
    for (const [from, to] of [
      [Buffer.from("pay 10").toString("base64"), Buffer.from("pay 99").toString("base64")],
      ['"reply":""', '"reply":"evil"'],
      ['"subject":"work.a","reply"', '"subject":"work.b","reply"'],
      ['["A","b"]', '["A","c"]'],
    ] as const) {
      expect(text).toContain(from);
      expect(() => decodeHold(text.replace(from, to))).toThrow(expect.objectContaining({ code: "store.damaged" }));
    }
  });

  it("never throws anything but its own error, whatever is stored", () => {
    const text = encodeHold(sampleHold("h"));
    const bent = fc
      .tuple(fc.nat(text.length), fc.nat(20), fc.string())
      .map(([at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut));
    fc.assert(
      fc.property(fc.oneof(bent, fc.string(), fc.json()), (stored) => {
        expect(codeOf(() => decodeHold(stored))).toBe("store.damaged");
      }),
    );
  });
});

/** The code of what was thrown; the same one for what wasn't. */
function codeOf(call: () => unknown): unknown {
  try {
    call();
    return "store.damaged";
  } catch (reason) {
    return isStoresError(reason) ? reason.code : reason;
  }
}
