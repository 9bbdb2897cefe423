import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedactor } from "./redact.ts";
import { sampleRecord } from "./testing/sample-record.ts";

const KEY = Buffer.alloc(32, 1);
const CANARY = "canary-5d41402abc4b2a76";

describe("createRedactor", () => {
  it("puts a keyed hash in the place of what a rule names, in payload and action alike", () => {
    const redact = createRedactor(
      [{ subjects: "work.>", pointers: ["/args/card", "/args/list/*/pin"], headers: [] }],
      KEY,
    );
    const redacted = redact(sampleRecord());
    const hash = expect.stringMatching(/^hmac-sha256:[0-9a-f]{64}$/);
    const args = { card: hash, list: [{ pin: hash }, { pin: hash }] };
    expect(redacted).toMatchObject({
      input: { message: { payload: { tool: "pay", args } }, action: { tool: "pay", args } },
      redactions: ["/args/card", "/args/list/0/pin", "/args/list/1/pin"],
    });
  });

  it("gives equal values the same hash, and none without the key", () => {
    const rules = [{ subjects: ">", pointers: ["/a"], headers: [] }];
    const hashOf = (value: string, key: Uint8Array): string => {
      const record = createRedactor(rules, key)(sampleRecord({ payload: { a: value } }));
      return JSON.stringify(record.type === "decision" && record.input.message.payload);
    };
    expect(hashOf("x", KEY)).toBe(hashOf("x", KEY));
    expect(hashOf("x", KEY)).not.toBe(hashOf("y", KEY));
    expect(hashOf("x", KEY)).not.toBe(hashOf("x", Buffer.alloc(32, 2)));
  });

  it("redacts headers whatever their case", () => {
    const redact = createRedactor([{ subjects: ">", pointers: [], headers: ["X-Token"] }], KEY);
    const redacted = redact(sampleRecord({ headers: { "x-token": ["a", "b"], "x-other": ["c"] } }));
    expect(redacted).toMatchObject({
      redactions: ["header x-token"],
      input: { message: { headers: { "x-other": ["c"] } } },
    });
    expect(JSON.stringify(redacted)).not.toContain('["a"');
  });

  it("gives back as it is what no rule is about", () => {
    const redact = createRedactor([{ subjects: "other.>", pointers: ["/args"], headers: [] }], KEY);
    const record = sampleRecord();
    expect(redact(record)).toBe(record);
    const elsewhere = createRedactor([{ subjects: ">", pointers: ["/nothing/here"], headers: ["x"] }], KEY);
    expect(elsewhere(record)).toBe(record);
  });

  it("leaves the canary in no part of a record, wherever below the pointer it is", () => {
    const redact = createRedactor([{ subjects: ">", pointers: ["/secret", "/args/secret"], headers: ["secret"] }], KEY);
    const inner = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constant(CANARY),
        fc.array(tie("value")),
        fc.dictionary(fc.constant(CANARY), tie("value")),
      ),
    })).value;
    fc.assert(
      fc.property(inner, (value) => {
        const secret = JSON.parse(JSON.stringify(value ?? null)) as string;
        const record = sampleRecord({ payload: { secret, rest: 1 }, headers: { secret: [CANARY] } });
        const withAction = { ...record, input: { ...record.input, action: { tool: "t", args: { secret } } } };
        expect(JSON.stringify(redact(withAction))).not.toContain(CANARY);
      }),
    );
  });

  it("wants a key that nobody guesses, and pointers", () => {
    expect(() => createRedactor([], Buffer.alloc(31))).toThrow(expect.objectContaining({ code: "audit.redaction" }));
    expect(() => createRedactor([{ subjects: ">", pointers: ["a"], headers: [] }], KEY)).toThrow("not a pointer");
  });
});
