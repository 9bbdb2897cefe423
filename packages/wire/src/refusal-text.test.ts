import { Buffer } from "node:buffer";
import { checkHeaders } from "@cortexos/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { refusalErrorText, refusalReply } from "./refusal-text.ts";
import { serialiseError } from "./serialise.ts";
import type { PublishRefusal } from "./session-types.ts";

const refusal: fc.Arbitrary<PublishRefusal> = fc.record({
  kind: fc.constant("refuse"),
  status: fc.constantFrom(403, 428, 429),
  reason: fc.string({ unit: "binary", maxLength: 400 }),
  ruleId: fc.string({ unit: "binary", maxLength: 200 }),
  decisionId: fc.string({ unit: "binary", maxLength: 200 }),
  retryAfterMs: fc.nat(),
});

describe("refusalErrorText", () => {
  it("makes a line that every client takes for a permissions violation, whatever is in it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 2_000 }), refusal, (subject, refused) => {
        const line = Buffer.from(serialiseError(refusalErrorText(subject, refused))).toString("latin1");
        expect(line.length).toBeLessThanOrEqual(250);
        expect(line).toMatch(
          /^-ERR 'Permissions Violation for Publish to "[!-~]*": [a-z ]+ rule=[!-~]* id=[!-~]*(?: retry_after_ms=\d+)?'\r\n$/,
        );
        expect(line.match(/"/g)).toHaveLength(2);
        expect(line.match(/'/g)).toHaveLength(2);
      }),
    );
  });
});

describe("refusalErrorText of a rate limit", () => {
  it("tells the time to wait, since a publish without a reply gets no header", () => {
    const refused = { kind: "refuse", status: 429, reason: "", ruleId: "r", decisionId: "d" } as const;
    expect(refusalErrorText("a", { ...refused, retryAfterMs: 1_200.5 })).toMatch(
      /: rate limited rule=r id=d retry_after_ms=1201$/,
    );
    expect(refusalErrorText("a", refused)).toMatch(/ retry_after_ms=1$/);
    expect(refusalErrorText("a", { ...refused, status: 403, retryAfterMs: 5 })).toMatch(/ id=d$/);
  });
});

describe("refusalReply", () => {
  it("makes headers that can be written and a JSON body that clients read as an error", () => {
    fc.assert(
      fc.property(refusal, (refused) => {
        const { headers, payload } = refusalReply(refused);
        expect(checkHeaders(headers)).toBeUndefined();
        expect(JSON.parse(Buffer.from(payload).toString())).toEqual({
          error: { code: refused.status, err_code: expect.any(Number), description: expect.any(String) },
          stream: "",
          seq: 0,
        });
        const names = headers.map(([name]) => name);
        expect(names.includes("Retry-After")).toBe(refused.status === 429);
        const reason = new Map(headers).get("Cortexos-Reason") ?? "";
        expect(reason.length).toBeLessThanOrEqual(180);
      }),
    );
  });

  it("waits a second at least", () => {
    const refused = { kind: "refuse", status: 429, reason: "", ruleId: "r", decisionId: "d" } as const;
    expect(refusalReply(refused).headers).toContainEqual(["Retry-After", "1"]);
    expect(refusalReply({ ...refused, retryAfterMs: 2_001 }).headers).toContainEqual(["Retry-After", "3"]);
  });
});
