import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { serialiseDelivery, serialiseError, serialisePublish } from "./serialise.ts";
import { createServerFrameParser } from "./server-frame-parser.ts";
import { isWireError } from "./wire-error.ts";
import { parseChunks } from "./wire-streams.test.support.ts";

const wild = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.constantFrom("a.b", "a b", "a\r\nPING", "x", ""));

const fields = fc.record({
  subject: wild,
  reply: wild,
  sid: wild,
  headers: fc.array(fc.tuple(wild, wild), { maxLength: 2 }),
  payload: fc.uint8Array(),
});

/** What was written, or the code of the error. */
function attempt(write: () => Uint8Array): Uint8Array | string {
  try {
    return write();
  } catch (error) {
    return isWireError(error) ? error.code : "not a WireError";
  }
}

function readPublish(bytes: Uint8Array): unknown {
  const { frames, fault } = parseChunks([bytes], { controlLineBytesMax: 4_096, payloadBytesMax: 1_000_000 });
  return { frames, fault };
}

function readDelivery(bytes: Uint8Array): unknown {
  const parser = createServerFrameParser();
  parser.feed(bytes);
  const { operation, start, end } = parser.next() ?? {};
  return { operation, start, end, isBetweenFrames: parser.isBetweenFrames };
}

describe("serialisePublish", { timeout: 60_000 }, () => {
  it("writes exactly one frame that says what the message said, or throws", () => {
    fc.assert(
      fc.property(fields, (message) => {
        const { subject, reply, headers } = message;
        const bytes = attempt(() => serialisePublish(message));
        const operation = headers.length === 0 ? "PUB" : "HPUB";
        const payload = Buffer.from(message.payload).toString("latin1");
        const one = { frames: [{ operation, subject, reply, headers, payload }], fault: undefined };
        expect(typeof bytes === "string" ? bytes : readPublish(bytes)).toEqual(
          bytes === "wire.unserialisable" ? bytes : one,
        );
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("serialiseDelivery", { timeout: 60_000 }, () => {
  it("writes exactly one frame, or throws", () => {
    fc.assert(
      fc.property(fields, (delivery) => {
        const bytes = attempt(() => serialiseDelivery(delivery));
        const operation = delivery.headers.length === 0 ? "MSG" : "HMSG";
        const one = { operation, start: 0, end: bytes.length, isBetweenFrames: true };
        expect(typeof bytes === "string" ? bytes : readDelivery(bytes)).toEqual(
          bytes === "wire.unserialisable" ? bytes : one,
        );
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("serialiseError", () => {
  it("writes one line of printable ASCII with no quote inside, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(Buffer.from(serialiseError(text)).toString("latin1")).toMatch(/^-ERR '[ -&(-~]*'\r\n$/);
      }),
    );
  });
});
