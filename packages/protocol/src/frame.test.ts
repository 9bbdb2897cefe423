import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digestFrame, encodeFrame } from "./frame.ts";
import { checkHeaders, HEADER_BLOCK_BYTES_MAX, HEADER_COUNT_MAX } from "./header.ts";
import type { HeaderField, Message } from "./message.ts";

const messageOf = (over: Partial<Message>): Message => ({
  subject: "a.b",
  reply: "",
  headers: [],
  payload: Buffer.from("hi"),
  ...over,
});
const textOf = (message: Message): string => Buffer.from(encodeFrame(message)).toString("utf8");

describe("encodeFrame", () => {
  it.each<[Partial<Message>, string]>([
    [{}, "PUB a.b 2\r\nhi\r\n"],
    [{ reply: "_INBOX.x" }, "PUB a.b _INBOX.x 2\r\nhi\r\n"],
    [{ payload: new Uint8Array(0) }, "PUB a.b 0\r\n\r\n"],
    [{ headers: [["A", "1"]] }, "HPUB a.b 18 20\r\nNATS/1.0\r\nA: 1\r\n\r\nhi\r\n"],
    [
      {
        reply: "r",
        headers: [
          ["A", "1"],
          ["A", "é"],
        ],
      },
      "HPUB a.b r 25 27\r\nNATS/1.0\r\nA: 1\r\nA: é\r\n\r\nhi\r\n",
    ],
  ])("writes %j", (over, frame) => {
    expect(textOf(messageOf(over))).toBe(frame);
  });

  it("declares the sizes that follow", () => {
    const field = fc.tuple(fc.constantFrom("A", "b-c"), fc.string({ unit: "grapheme" }));
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(field, { minLength: 1 }), (payload, headers) => {
        const frame = Buffer.from(encodeFrame(messageOf({ payload, headers })));
        const lineEnd = frame.indexOf("\r\n");
        const [, , headerBytes, totalBytes] = frame.toString("latin1", 0, lineEnd).split(" ").map(Number);
        expect(frame.length).toBe(lineEnd + 2 + (totalBytes ?? -1) + 2);
        expect(frame.subarray(lineEnd + 2 + (headerBytes ?? 0), -2)).toEqual(Buffer.from(payload));
      }),
    );
  });

  it("is named by its digest", () => {
    const message = messageOf({ headers: [["A", "1"]] });
    const hex = createHash("sha256").update(encodeFrame(message)).digest("hex");
    expect(digestFrame(message)).toBe(`sha256:${hex}`);
  });
});

describe("checkHeaders", () => {
  it.each<[string, readonly HeaderField[]]>([
    ["none", []],
    ["plain ones", [["Nats-Msg-Id", "x y"]]],
    ["an empty value", [["A", ""]]],
    ["text beyond ASCII", [["A", "größer 😀"]]],
    ["a tab inside", [["A", "a\tb"]]],
    [
      "the same name again",
      [
        ["A", "1"],
        ["a", "2"],
      ],
    ],
  ])("takes %s", (_what, headers) => {
    expect(checkHeaders(headers)).toBeUndefined();
  });

  it.each<[string, readonly HeaderField[]]>([
    ["an empty name", [["", "x"]]],
    ["a colon in a name", [["A:", "x"]]],
    ["a blank in a name", [["A b", "x"]]],
    ["a name beyond ASCII", [["É", "x"]]],
    ["a line end in a value", [["A", "x\r\nB: y"]]],
    ["a bare line feed", [["A", "x\ny"]]],
    ["a zero byte", [["A", "\0"]]],
    ["a blank before the value", [["A", " x"]]],
    ["a blank after the value", [["A", "x\t"]]],
    ["half a surrogate pair", [["A", "\ud800"]]],
    ["a name that is too long", [["A".repeat(257), ""]]],
    ["too many", Array.from({ length: HEADER_COUNT_MAX + 1 }, (): HeaderField => ["A", ""])],
    ["too much", [["A", "x".repeat(HEADER_BLOCK_BYTES_MAX)]]],
    ["too much in bytes", [["A", "é".repeat(HEADER_BLOCK_BYTES_MAX / 2)]]],
  ])("refuses %s", (_what, headers) => {
    expect(checkHeaders(headers)).toBeTypeOf("string");
  });
});
