import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createServerFrameParser } from "./server-frame-parser.ts";
import { bytewise, cut, places, toBytes } from "./wire-streams.test.support.ts";

function read(chunks: readonly Uint8Array[]) {
  const parser = createServerFrameParser();
  const seen: { operation: string; text: string; sid?: string }[] = [];
  for (const chunk of chunks) {
    parser.feed(chunk);
    for (let frame = parser.next(); frame !== undefined; frame = parser.next()) {
      const text = frame.bytes.toString("latin1", frame.start, frame.end);
      const last = seen.at(-1);
      if (frame.operation === "BODY" && last !== undefined) last.text += text;
      else if (frame.operation.endsWith("MSG")) {
        seen.push({
          operation: frame.operation,
          text,
          sid: frame.bytes.toString("latin1", frame.sidStart, frame.sidEnd),
        });
      } else seen.push({ operation: frame.operation, text });
    }
  }
  return { seen, fault: parser.fault?.code, isBetweenFrames: parser.isBetweenFrames };
}

const frame = fc.oneof(
  fc.constantFrom("PING\r\n", "PONG\r\n", "+OK\r\n", "-ERR 'x y'\r\n", 'INFO {"a":1} \r\n'),
  fc
    .tuple(fc.constantFrom("MSG a 1 ", "MSG a.b x9 r ", "MSG a 1 000"), fc.string({ unit: "binary-ascii" }))
    .map(([head, body]) => `${head}${body.length}\r\n${body}\r\n`),
  fc.string({ unit: "binary-ascii" }).map((body) => `HMSG a 2 r 12 ${body.length + 12}\r\nNATS/1.0\r\n\r\n${body}\r\n`),
);

describe("createServerFrameParser", { timeout: 60_000 }, () => {
  it("finds the same frames however the stream is cut, and gives every byte out once", () => {
    fc.assert(
      fc.property(fc.array(frame), places, (frames, at) => {
        const bytes = toBytes(frames.join(""));
        const whole = read([bytes]);
        expect(whole.seen.map(({ text }) => text)).toEqual(frames);
        expect(whole).toMatchObject({ fault: undefined, isBetweenFrames: true });
        expect(read(cut(bytes, at))).toEqual(whole);
        expect(read(bytewise(bytes))).toEqual(whole);
      }),
    );
  });

  it("gives a long body out in the pieces it comes in", () => {
    const parser = createServerFrameParser();
    parser.feed(toBytes("MSG a 1 1000000\r\nabc"));
    expect(parser.next()).toMatchObject({ operation: "MSG", isComplete: false });
    expect(parser.isBetweenFrames).toBe(false);
    parser.feed(toBytes("def"));
    expect(parser.next()).toMatchObject({ operation: "BODY", start: 0, end: 3, isComplete: false });
  });

  it("never throws, whatever the bytes, and keeps no endless line", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (chunks) => {
        read(chunks);
      }),
    );
    expect(read([toBytes("INFO "), Buffer.alloc(1_100_000, 0x20)]).fault).toBe("wire.upstream");
  });
});
