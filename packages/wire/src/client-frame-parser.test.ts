import { Buffer } from "node:buffer";
import { checkPublishSubject } from "@cortexos/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createClientFrameParser } from "./client-frame-parser.ts";
import { parseByReference } from "./reference-parser.test.support.ts";
import { serialisePublish } from "./serialise.ts";
import {
  anyStream,
  bytewise,
  cut,
  damagedStream,
  legalStream,
  parseChunks,
  places,
  SMALL_LIMITS,
  toBytes,
  type SeenFrame,
} from "./wire-streams.test.support.ts";

function messageOf({ subject = "", reply = "", headers = [], payload = "" }: SeenFrame) {
  return { subject, reply, headers, payload: toBytes(payload) };
}

describe("createClientFrameParser", { timeout: 60_000 }, () => {
  it("reads the same frames and fault however the stream is cut", () => {
    fc.assert(
      fc.property(anyStream, places, (stream, at) => {
        const bytes = toBytes(stream);
        const whole = parseChunks([bytes]);
        for (const chunks of [cut(bytes, at), bytewise(bytes)]) {
          const cutUp = parseChunks(chunks);
          expect(cutUp.frames).toEqual(whole.frames);
          expect(cutUp.fault).toBe(whole.fault);
          expect(cutUp.canonical).toEqual(whole.canonical);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("reads what the reference reads, for legal and illegal streams", () => {
    fc.assert(
      fc.property(anyStream, (stream) => {
        const { frames, fault } = parseChunks([toBytes(stream)]);
        expect({ frames, fault }).toEqual(parseByReference(stream, SMALL_LIMITS));
      }),
      { numRuns: 4_000 },
    );
  });

  it("takes every legal stream and finds a fault in most damaged ones", () => {
    const faults = new Set<string | undefined>();
    fc.assert(
      fc.property(legalStream, (stream) => {
        expect(parseChunks([toBytes(stream)]).fault).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(damagedStream, (stream) => void faults.add(parseChunks([toBytes(stream)]).fault)),
      { seed: 1 },
    );
    expect(faults.size).toBeGreaterThan(6);
  });

  it("never throws, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (chunks) => {
        expect(() => parseChunks(chunks)).not.toThrow();
      }),
      { numRuns: 2_000 },
    );
  });

  it("reads back what is serialised, and calls canonical exactly what the serialiser writes", () => {
    fc.assert(
      fc.property(anyStream, (stream) => {
        const { frames, canonical } = parseChunks([toBytes(stream)]);
        for (const [i, frame] of frames.entries()) {
          if (frame.subject === undefined || frame.reply === undefined) continue;
          if (checkPublishSubject(frame.subject) ?? (frame.reply === "" ? undefined : checkPublishSubject(frame.reply)))
            continue;
          const bytes = Buffer.from(serialisePublish(messageOf(frame)));
          expect(canonical[i]?.is).toBe(bytes.equals(canonical[i]?.bytes ?? Buffer.alloc(0)));
          const again = parseChunks([bytes]);
          expect(again.frames.map(messageOf)).toEqual([messageOf(frame)]);
          expect(again.canonical[0]?.is).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("keeps no more memory than arrived, whatever size was declared", () => {
    const parser = createClientFrameParser({ controlLineBytesMax: 4_096, payloadBytesMax: 900_000_000 });
    parser.feed(toBytes("PUB a 899999999\r\nabc"));
    expect(parser.next()).toBeUndefined();
    expect(parser.fault).toBeUndefined();
  });

  it("lowers the payload limit and never raises it", () => {
    const parser = createClientFrameParser({ controlLineBytesMax: 64, payloadBytesMax: 10 });
    parser.tightenPayloadBytesMax(5);
    parser.tightenPayloadBytesMax(1_000);
    parser.feed(toBytes("PUB a 6\r\n"));
    expect(parser.next()).toBeUndefined();
    expect(parser.fault?.code).toBe("wire.payload_too_large");
  });

  describe("the attack and fault table", () => {
    const block = "NATS/1.0\r\nA: 1\r\n\r\n";
    const publish = (headers: string, declared = headers.length): string =>
      `HPUB work.a ${declared} ${headers.length + 5}\r\n${headers}hello\r\n`;

    it.each([
      ["a CR inside a PUB line", "PUB work.a\rb 55\nxxxxx\r\n", "wire.control_line"],
      ["a CR before the size's end", "PUB f\roo 22\nhi\r\n", "wire.control_line"],
      ["two CR before the LF", "PUB a 0\r\r\n\r\n", "wire.control_line"],
      ["NUL in a subject", "PUB a\0b 0\r\n\r\n", "wire.control_line"],
      ["a control byte below the blank", "PUB a\x1fb 0\r\n\r\n", "wire.control_line"],
      ["SO in a line", "SUB a\x0e 1\r\n", "wire.control_line"],
      ["DEL in a line", "PUB a\x7f 0\r\n\r\n", "wire.control_line"],
      ["a whole frame over the limit", `PUB a 1048577\r\n${"x".repeat(1_048_577)}\r\n`, "wire.payload_too_large"],
      ["size -1", "PUB a -1\r\n", "wire.size"],
      ["size +5", "PUB a +5\r\n", "wire.size"],
      ["size 0x5", "PUB a 0x5\r\n", "wire.size"],
      ["size 5e0", "PUB a 5e0\r\n", "wire.size"],
      ["size 5.0", "PUB a 5.0\r\n", "wire.size"],
      ["an Arabic digit", "PUB a \u00d9\u00a5\r\n", "wire.size"],
      ["size 2^31", "PUB a 2147483648\r\n", "wire.size"],
      ["size 2^53", "PUB a 9007199254740993\r\n", "wire.size"],
      ["size 999999999", "PUB a 999999999\r\n", "wire.payload_too_large"],
      ["ten digits of zeros", "PUB a 0000000001\r\nx\r\n", "wire.size"],
      ["too many arguments", "PUB a b c 5\r\n", "wire.arguments"],
      ["no size", "PUB a\r\n", "wire.arguments"],
      ["SUB without sid", "SUB a\r\n", "wire.arguments"],
      ["UNSUB without sid", "UNSUB\r\n", "wire.arguments"],
      ["CONNECT without options", "CONNECT\r\n", "wire.arguments"],
      ["a declared size that is too small", "PUB work.a 0\r\nPUB work.b 2\r\nhi\r\n", "wire.payload_end"],
      ["a payload that ends in LF", "PUB a 2\r\nhi\nPING\r\n", "wire.payload_end"],
      ["a header size above the total", "HPUB a 20 10\r\n", "wire.size"],
      ["a header size that cuts the block", publish(block, 10), "wire.header_block"],
      ["a header size that cuts the blank line off", publish(block, block.length - 2), "wire.header_block"],
      ["a header size that cuts a CRLF in two", publish(block, block.length - 1), "wire.header_block"],
      ["a header size that takes payload", publish(block, block.length + 3), "wire.header_block"],
      ["a wrong first line", publish("GARBAGE/9\r\nA: 1\r\n\r\n"), "wire.header_block"],
      ["a forged status", publish("NATS/1.0 503\r\n\r\n"), "wire.header_block"],
      ["a bare LF between headers", publish("NATS/1.0\r\nX-A: 1\nX-Agent: root\r\n\r\n"), "wire.header_block"],
      ["a bare CR in a value", publish("NATS/1.0\r\nX-A: 1\rX: 2\r\n\r\n"), "wire.header_block"],
      ["a folded line", publish("NATS/1.0\r\nX-A: 1\r\n more\r\n\r\n"), "wire.header_block"],
      ["an inner blank line", publish("NATS/1.0\r\nA: 1\r\n\r\nB: 2\r\n\r\n"), "wire.header_block"],
      ["NUL in a name", publish("NATS/1.0\r\nX-\xff\0: root\r\n\r\n"), "wire.header_block"],
      ["a blank in a name", publish("NATS/1.0\r\nX A: 1\r\n\r\n"), "wire.header_block"],
      ["no name", publish("NATS/1.0\r\n: 1\r\n\r\n"), "wire.header_block"],
      ["no colon", publish("NATS/1.0\r\nroot\r\n\r\n"), "wire.header_block"],
      ["a value that isn't UTF-8", publish("NATS/1.0\r\nA: \xff\xfe\r\n\r\n"), "wire.header_block"],
      ["an overlong dot", publish("NATS/1.0\r\nA: \xc0\xae\r\n\r\n"), "wire.header_block"],
      ["DEL in a value", publish("NATS/1.0\r\nA: \x7f\r\n\r\n"), "wire.header_block"],
      ["+OK", "+OK\r\n", "wire.unknown_operation"],
      ["-ERR", "-ERR 'x'\r\n", "wire.unknown_operation"],
      ["INFO", "INFO {}\r\n", "wire.unknown_operation"],
      ["MSG", "MSG a 1 2\r\nhi\r\n", "wire.unknown_operation"],
      ["HMSG", "HMSG a 1 12 12\r\n", "wire.unknown_operation"],
      ["RMSG", "RMSG a b 2\r\n", "wire.unknown_operation"],
      ["LMSG", "LMSG a 2\r\n", "wire.unknown_operation"],
      ["RS+", "RS+ a b\r\n", "wire.unknown_operation"],
      ["A+", "A+ a\r\n", "wire.unknown_operation"],
      ["an empty line", "\r\n", "wire.unknown_operation"],
      ["a leading blank", " PING\r\n", "wire.unknown_operation"],
      ["a word that begins like an operation", "PINGS\r\n", "wire.unknown_operation"],
      ["a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "wire.unknown_operation"],
      ["an HTTP request", "GET / HTTP/1.1\r\n\r\n", "wire.unknown_operation"],
      ["an endless word", "A".repeat(9), "wire.unknown_operation"],
      ["an endless line", `PUB ${"a".repeat(5_000)}`, "wire.control_line_too_long"],
      ["a long line that ends", `PUB ${"a".repeat(5_000)} 0\r\n\r\n`, "wire.control_line_too_long"],
      ["a payload over the limit", "PUB work.a 2000000\r\n", "wire.payload_too_large"],
      ["10,000 header lines", publish(`NATS/1.0\r\n${"A: 1\r\n".repeat(10_000)}\r\n`), "wire.header_limit"],
      ["257 header lines", publish(`NATS/1.0\r\n${"A: 1\r\n".repeat(257)}\r\n`), "wire.header_limit"],
      ["a header of 512 KiB", publish(`NATS/1.0\r\nA: ${"x".repeat(524_288)}\r\n\r\n`), "wire.header_limit"],
      ["a header name of 300 bytes", publish(`NATS/1.0\r\n${"a".repeat(300)}: 1\r\n\r\n`), "wire.header_limit"],
    ])("closes on %s", (_, stream, code) => {
      const limits = { controlLineBytesMax: 4_096, payloadBytesMax: 1_048_576 };
      const bytes = toBytes(stream);
      expect(parseChunks([bytes], limits)).toEqual({ frames: [], canonical: [], fault: code });
      const pieces = bytes.length < 10_000 ? bytewise(bytes) : cut(bytes, [1, 7, 30, 4_000, 20_000]);
      expect(parseChunks(pieces, limits).fault).toBe(code);
    });

    it.each([
      ["an operation in any case", "PuB work.a 2\r\nhi\r\n", { operation: "PUB", subject: "work.a", payload: "hi" }],
      [
        "tabs and runs of blanks",
        "pub\twork.a\t \t2\r\nhi\r\n",
        { operation: "PUB", subject: "work.a", payload: "hi" },
      ],
      ["a line that ends in LF", "PUB work.a 2\nhi\r\n", { operation: "PUB", subject: "work.a", payload: "hi" }],
      ["leading zeros", "PUB work.a 0002\r\nhi\r\n", { operation: "PUB", subject: "work.a", payload: "hi" }],
      ["a header size of 0", "HPUB work.a 0 5\r\nhello\r\n", { subject: "work.a", headers: [], payload: "hello" }],
      ["a header without a blank", publish("NATS/1.0\r\nA:1\r\n\r\n"), { headers: [["A", "1"]] }],
      ["blanks around a value", publish("NATS/1.0\r\nA: \t1 \r\n\r\n"), { headers: [["A", "1"]] }],
      ["an empty header block", publish("NATS/1.0\r\n\r\n"), { headers: [], payload: "hello" }],
      ["words after PING", "PING anything\r\n", { operation: "PING" }],
    ])("takes %s and doesn't call it canonical", (_, stream, frame) => {
      const { frames, canonical, fault } = parseChunks([toBytes(stream)]);
      expect(fault).toBeUndefined();
      expect(frames).toEqual([expect.objectContaining(frame)]);
      expect(canonical[0]?.is).toBe(false);
    });

    it("takes an argument part of exactly the limit and no more", () => {
      const line = (bytes: number): Buffer => toBytes(`SUB ${"a".repeat(bytes - 2)} 1\r\n`);
      const limits = { controlLineBytesMax: 100, payloadBytesMax: 10 };
      expect(parseChunks([line(100)], limits).fault).toBeUndefined();
      expect(parseChunks([line(101)], limits).fault).toBe("wire.control_line_too_long");
      expect(parseChunks(bytewise(line(100)), limits).fault).toBeUndefined();
      expect(parseChunks(bytewise(line(101)), limits).fault).toBe("wire.control_line_too_long");
    });

    it("reads a command inside a payload as payload", () => {
      const inner = "x\r\nPUB work.secret 2\r\nhi\r\n";
      const { frames } = parseChunks([toBytes(`PUB work.a ${inner.length}\r\n${inner}\r\n`)]);
      expect(frames).toEqual([{ operation: "PUB", subject: "work.a", reply: "", headers: [], payload: inner }]);
    });

    it("keeps a header that comes twice, in order", () => {
      const { frames } = parseChunks([toBytes(publish("NATS/1.0\r\nX-Agent: a\r\nX-Agent: root\r\n\r\n"))]);
      expect(frames[0]?.headers).toEqual([
        ["X-Agent", "a"],
        ["X-Agent", "root"],
      ]);
    });
  });
});
